require_relative "order"
require_relative "provider"

# Orders that are paid with Alipay HK, in memory. Its methods return status and content of the shop's response.
class Shop
  # `settings` is ENV or a hash with the same names. The block sends the goods of an order.
  def initialize(settings, url, log, &send_goods)
    @provider = Provider.new(settings)
    @account = settings.fetch("NOMUPAY_PROCESSING_ACCOUNT_ID")
    @url, @log, @send_goods, @lock, @orders, @handled = url, log, send_goods, Mutex.new, {}, {}
  end

  def list = [200, @provider.get("/v1/payments?processingAccountId=#{@account}&limit=100")]

  def show(reference) = [200, locked { find(reference).to_h }]

  # An idempotency key has 8 to 50 characters and is a part of a URL: so the reference is short and plain.
  def create(input)
    is_valid = input in { reference: /\A[\w-]{1,36}\z/ => reference, amount: Numeric => amount }
    return [400, { error: "The reference or the amount is not valid." }] unless is_valid

    order = locked { @orders[reference] ||= Order.new(reference) }
    track(order)
    attempt = locked { order.attempt_for(amount) unless order.closed? }
    return [409, order.to_h] if attempt.nil?

    start(order, attempt) if attempt.payment.nil?
    [201, { reference:, status: order.status, paymentUrl: attempt.payment["nextStep"]["redirect"]["url"] }]
  end

  # Cancels an order without money. Money that comes later is for a person.
  def cancel(reference)
    order = locked { find(reference) }
    track(order)
    [locked { order.cancel } ? 200 : 409, order.to_h]
  end

  # The key counts the accepted refunds, so a refund whose response was lost has the same key again.
  def refund(reference, input)
    order = locked { find(reference) }
    return [409, { error: "The order is not paid." }] if order.paid_attempt.nil?

    content = { merchantReference: "refund-#{reference}-#{order.refunds.size + 1}" }
    content[:amount] = { value: input[:amount], currency: "hkd" } if input.key?(:amount)
    target = "/v1/payments/#{order.paid_attempt.payment["id"]}/refunds?idempotencyKey=#{content[:merchantReference]}"
    refund = @provider.post(target, content)
    id, status = refund.values_at("id", "status")
    # The webhook may have been faster.
    locked { order.refund(id, status, input.fetch(:amount, order.paid)) unless order.refunds.key?(id) }
    [201, refund]
  end

  # The payer is back. The URL proves nothing, so the shop asks the provider.
  def return_of(reference)
    order = locked { find(reference) }
    track(order)
    [200, "Order #{reference}: #{order.status}\n"]
  end

  # Neither the webhook nor the payer may come. An error ends only the work on its order.
  def track_all
    locked { @orders.values }.each do |order|
      track(order)
    rescue StandardError => e
      @log.puts("Order #{order.reference}: #{e.message} (#{e.class})")
    end
    [204, nil]
  end

  # Handles a notification once. A failure marks nothing: the provider sends the notification again.
  def webhook(signatures, body)
    return [401, { error: "The signature is wrong." }] unless @provider.webhook?(signatures, body, "#{@url}/webhooks")

    id, type, payload = JSON.parse(body).values_at("id", "type", "payload")
    unless locked { @handled.key?(id) }
      receive_payment(payload) if type == "payment"
      receive_refund(payload) if type == "refund"
      locked { @handled[id] = true }
    end
    [204, nil]
  end

  private

  def locked(&) = @lock.synchronize(&)
  def find(reference) = @orders[reference] || raise(Refusal.new(404, { error: "No such order." }))

  # Creates the payment of an attempt, or gets it again: a repeated key makes no second payment.
  def start(order, attempt)
    alipay_hk = { flowType: "qr_link", returnUrl: "#{@url}/return?reference=#{order.reference}" }
    payment = @provider.post("/v1/payments?idempotencyKey=#{attempt.key}", {
      processingAccountId: @account, merchantReference: order.reference,
      amount: { value: attempt.amount, currency: "hkd" }, paymentMethod: { type: "alipay_hk", alipayHk: alipay_hk }
    })
    raise "The response is about another order." unless payment["merchantReference"] == order.reference

    locked { attempt.payment ||= payment }
  rescue Refusal => e
    # A refused body does not use its key, so the order can come again with another amount.
    locked { order.attempts.delete(attempt) } if e.status == 400
    raise
  end

  # Asks the provider for the open payments of an order. A response that was lost is got again by its key.
  def track(order)
    locked { order.attempts.dup }.each do |attempt|
      start(order, attempt) if attempt.payment.nil?
      next unless attempt.open?

      status = @provider.read(attempt.payment)["status"]
      locked { update(order, attempt, status) }
    end
  end

  def update(order, attempt, status) = order.update(attempt, status) { @send_goods.call(order) }

  # The reference proves nothing, as any payment can have it: the payment must be one that this shop started.
  def receive_payment(payload)
    named = locked { @orders[payload["merchantReference"]] }
    latest = named&.attempts&.last
    start(named, latest) if latest && latest.payment.nil? && expected?(latest, payload)
    id, status = payload.values_at("id", "status")
    locked do
      order = @orders.each_value.find { |candidate| candidate.of?(id) } || named
      attempt = order&.attempt_of(id)
      if attempt && expected?(attempt, payload)
        update(order, attempt, status)
      elsif order && Order::PAID.include?(status)
        order.check(id, "The shop did not ask for this payment, or for another amount.")
      end
    end
  end

  def receive_refund(payload)
    payment_id = payload["paymentId"]
    order = locked { @orders.each_value.find { |candidate| candidate.of?(payment_id) } }
    return if order.nil?

    refund = @provider.read(payload)
    payment = @provider.read({ "id" => payment_id, "trackingUrl" => "/v1/payments/#{payment_id}" })
    locked do
      attempt = order.attempt_of(payment_id)
      update(order, attempt, payment["status"]) if attempt
      is_paid = attempt && attempt.equal?(order.paid_attempt)
      order.refund(payload["id"], refund["status"], payload["amount"]["value"]) if is_paid
      order.to_check.delete(payment_id) if payment["status"] == "refunded"
    end
  end

  def expected?(attempt, payload)
    payload.fetch("processingAccountId", @account) == @account &&
      payload["amount"].to_h.values_at("value", "currency") == [attempt.amount, "hkd"]
  end
end
