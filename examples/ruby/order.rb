# An order, and what the provider has said about its payments. There is one payment for each attempt of the payer.
class Order
  PAID = %w[captured partially_refunded refunded].freeze
  FAILED = { "declined" => "declined", "aborted" => "expired", "cancelled" => "expired", "failed" => "expired",
             "rejected" => "expired" }.freeze

  attr_reader :reference, :amount, :attempt, :payments, :paid, :refunded, :fulfilments
  attr_accessor :refunds

  def initialize(reference, amount)
    @reference, @amount, @attempt, @payments = reference, amount, 1, {}
    @paid = @refunded = @refunds = @fulfilments = 0
  end

  # The idempotency key of the attempt: it is the same for each repetition, and new for a new attempt.
  def key = "order-#{reference}-#{attempt}"

  # Whether the response with the payment of the last attempt has not arrived.
  def in_doubt? = payments.size < attempt

  def payment = payments.values.last

  def payment_url = payment["nextStep"]["redirect"]["url"]

  def add(payment) = payments[payment["id"]] = payment

  def start_attempt
    @attempt, @failure = attempt + 1, nil if @failure && paid.zero?
  end

  def status
    return @failure || "unpaid" if paid.zero?
    return "paid" if refunded.zero?

    refunded < paid ? "partially_refunded" : "refunded"
  end

  # Takes over the state of a payment of this order. An old state takes nothing back. Yields to send the goods, once: if
  # that fails, nothing has changed.
  def update(payment, refund = nil)
    # A tracked payment has no amount.
    value, currency = payment.fetch("amount", { "value" => amount, "currency" => "hkd" }).values_at("value", "currency")
    raise "Payment #{payment["id"]} has a wrong amount." unless value == amount && currency == "hkd"

    state = payment["status"]
    @failure = FAILED[state] if FAILED.key?(state) && !in_doubt? && payment["id"] == self.payment["id"]
    return unless PAID.include?(state)

    if paid.zero? && state != "refunded"
      yield
      @fulfilments += 1
    end
    @paid = amount
    @refunded = [refunded, state == "refunded" ? amount : amount_of(refund)].max
  end

  def to_h = { reference:, status:, paidAmount: paid, refundedAmount: refunded, fulfilments: }

  private

  # Alipay HK has one partial refund, so there is no sum.
  def amount_of(refund)
    %w[partially_refunded refunded].include?(refund&.fetch("status")) ? refund["amount"]["value"] : 0
  end
end
