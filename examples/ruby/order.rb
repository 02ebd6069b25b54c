# An attempt to pay an order. Its idempotency key makes at most one payment, which is nil while its response is missing.
Attempt = Struct.new(:key, :amount, :payment) do
  def status = payment && payment["status"]
  def paid? = Order::PAID.include?(status)
  def open? = !paid? && !Order::FAILED.key?(status)
end

# An order, and what the provider has said about its payments and refunds.
class Order
  PAID = %w[captured partially_refunded refunded].freeze
  # All other statuses leave a payment open, unknown ones too.
  FAILED = { "declined" => "declined", "rejected" => "declined", "aborted" => "expired", "cancelled" => "expired",
             "failed" => "expired" }.freeze

  attr_reader :reference, :attempts, :paid_attempt, :refunds, :to_check, :fulfilments

  def initialize(reference)
    @reference, @attempts, @refunds, @to_check, @fulfilments = reference, [], {}, {}, 0
  end

  # The attempt to continue. After one that ended without money, a new one has a new key.
  def attempt_for(amount)
    attempts << Attempt.new("order-#{reference}-#{attempts.size + 1}", amount) unless attempts.last&.open?
    attempts.last
  end

  def attempt_of(payment_id) = attempts.find { |attempt| attempt.payment && attempt.payment["id"] == payment_id }

  # The order that started a payment, or that has it to check.
  def of?(payment_id) = !attempt_of(payment_id).nil? || to_check.key?(payment_id)

  # Money that does not fit: a person must look at it, and refund it.
  def check(payment_id, reason) = to_check[payment_id] = reason

  def closed? = !paid_attempt.nil? || @cancelled == true

  def cancel = @cancelled = paid_attempt.nil?

  def status
    return "attention" if to_check.any?
    return @cancelled ? "cancelled" : FAILED.fetch(attempts.last&.status, "unpaid") if paid_attempt.nil?
    return "paid" if refunded.zero?

    refunded < paid ? "partially_refunded" : "refunded"
  end

  # Takes over the status of a payment. Paid stays paid, and a status without a meaning changes nothing. Yields to send
  # the goods, once: if that fails, nothing has changed.
  def update(attempt, status, &)
    return if attempt.paid? || !(PAID.include?(status) || FAILED.key?(status))

    pay(attempt, status, &) if PAID.include?(status)
    attempt.payment["status"] = status
  end

  # A refund can fail after it was done, so its last status counts.
  def refund(id, status, amount) = refunds[id] = { status:, amount: }

  def paid = paid_attempt ? paid_attempt.amount : 0

  def refunded
    refunds.each_value.sum { |refund| PAID.include?(refund[:status]) ? refund[:amount] : 0 }.round(2)
  end

  def to_h
    { reference:, status:, paidAmount: paid, refundedAmount: refunded, fulfilments:, toCheck: to_check.keys }
  end

  private

  def pay(attempt, status)
    return check(attempt.payment["id"], "The order is cancelled, or was already paid.") if closed?

    unless status == "refunded"
      yield
      @fulfilments += 1
    end
    @paid_attempt = attempt
  end
end
