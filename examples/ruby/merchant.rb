# A small shop: it creates payments, handles webhooks and refunds. Its state is in memory.
require "webrick"
require_relative "order"
require_relative "provider"

class Merchant
  def self.listen(port, **more) = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: port, AccessLog: [], **more)

  # `settings` is ENV or a hash with the same names. The block sends the goods of an order.
  def initialize(settings, log: $stderr, &send_goods)
    @provider = Provider.new(settings)
    @account = settings.fetch("NOMUPAY_PROCESSING_ACCOUNT_ID")
    @url = settings.fetch("SHOP_URL") { "http://127.0.0.1:#{settings.fetch("PORT", 3000)}" }
    @log, @send_goods, @lock, @orders, @handled = log, send_goods, Mutex.new, {}, {}
  end

  def serve(request, response)
    response.status, content = route(request)
  rescue Refusal => e
    response.status, content = e.status, e.content
  rescue JSON::ParserError, WEBrick::HTTPStatus::LengthRequired
    response.status, content = 400, { error: "The body is missing, or is not JSON." }
  rescue StandardError => e
    @log.puts("#{request.request_method} #{request.path}: #{e.message} (#{e.class})")
    response.status, content = 500, { error: "The shop failed." }
  ensure
    response.keep_alive = false
    response.content_type = content.is_a?(String) ? "text/plain" : "application/json"
    response.body = content.is_a?(Hash) ? JSON.generate(content) : content
  end

  private

  def route(request)
    case [request.request_method, *request.path.delete_prefix("/").split("/")]
    in ["POST", "webhooks"] then webhook(request["X-Signature"], request.body.to_s)
    in ["POST", "orders"] then create(input(request))
    in ["GET", "orders"] then [200, @provider.get("/v1/payments?processingAccountId=#{@account}&limit=100")]
    in ["GET", "orders", reference] then [200, locked { find(reference).to_h }]
    in ["POST", "orders", reference, "refunds"] then refund(locked { find(reference) }, input(request))
    in ["GET" | "POST", "return"] then [200, track(locked { find(request.query_string.to_s[/reference=([\w-]+)/, 1]) })]
    else [404, { error: "No such route." }]
    end
  end

  def input(request) = request.body.to_s.empty? ? {} : JSON.parse(request.body, symbolize_names: true)
  def locked(&) = @lock.synchronize(&)
  def find(reference) = @orders[reference] || raise(Refusal.new(404, { error: "No such order." }))

  # An idempotency key has 8 to 50 characters and is a part of a URL: so the reference is short and plain.
  def create(input)
    is_valid = input in { reference: /\A[\w-]{1,36}\z/ => reference, amount: Numeric => amount }
    return [400, { error: "The reference or the amount is not valid." }] unless is_valid

    order = locked { (@orders[reference] ||= Order.new(reference, amount)).tap(&:start_attempt) }
    return [409, { error: "The order is paid." }] if order.paid.positive?

    is_new = order.in_doubt?
    pay(order) if is_new
    [is_new ? 201 : 200, { reference: reference, status: order.status, paymentUrl: order.payment_url }]
  end

  # Equal requests have the same key, also at the same time or after a lost response: there is one payment.
  def pay(order)
    alipay_hk = { flowType: "qr_link", returnUrl: "#{@url}/return?reference=#{order.reference}" }
    payment = @provider.post("/v1/payments?idempotencyKey=#{order.key}", {
      processingAccountId: @account, merchantReference: order.reference,
      amount: { value: order.amount, currency: "hkd" }, paymentMethod: { type: "alipay_hk", alipayHk: alipay_hk }
    })
    locked { order.add(payment) }
  rescue Refusal => e
    # A request with a wrong value makes no payment, so the order can come again with another amount.
    locked { @orders.delete(order.reference) if e.status == 400 && order.payments.empty? }
    raise
  end

  # The key counts the accepted refunds, so a refund whose response was lost has the same key again.
  def refund(order, input)
    return [409, { error: "The order is not paid." }] if order.paid.zero?

    number = order.refunds + 1
    content = { merchantReference: "refund-#{order.reference}-#{number}" }
    content[:amount] = { value: input[:amount], currency: "hkd" } if input.key?(:amount)
    target = "/v1/payments/#{order.payment["id"]}/refunds?idempotencyKey=#{content[:merchantReference]}"
    [201, @provider.post(target, content).tap { locked { order.refunds = number } }]
  end

  # The payer is back. The URL proves nothing, so the shop asks the provider.
  def track(order)
    payment = @provider.get(order.payment["trackingUrl"]) unless order.in_doubt?
    locked { order.update(payment) { @send_goods.call(order) } } if payment
    "Order #{order.reference}: #{order.status}\n"
  end

  def webhook(signatures, body)
    return [401, { error: "The signature is wrong." }] unless @provider.webhook?(signatures, body, "#{@url}/webhooks")

    id, type, payload = JSON.parse(body).values_at("id", "type", "payload")
    payment, refund = type == "refund" ? [@provider.get("/v1/payments/#{payload["paymentId"]}"), payload] : [payload]
    locked { handle(id, payment, refund) unless @handled.key?(id) }
    [204, nil]
  end

  # The work and its mark are one step. A failure marks nothing: the provider sends the notification again.
  def handle(id, payment, refund)
    order = @orders.each_value.find { |candidate| candidate.payments.key?(payment["id"]) }
    raise "The response to the creation is missing." if order.nil? && @orders[payment["merchantReference"]]&.in_doubt?

    order&.update(payment, refund) { @send_goods.call(order) }
    @handled[id] = true
  end
end

if $PROGRAM_NAME == __FILE__
  server = Merchant.listen(ENV.fetch("PORT", 3000).to_i)
  merchant = Merchant.new(ENV) { |order| warn "Send the goods of order #{order.reference}." }
  server.mount_proc("/") { |request, response| merchant.serve(request, response) }
  %w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
  server.start
end
