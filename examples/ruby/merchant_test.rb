# Runs against a sandbox at SANDBOX_URL that requires signatures. Each test has a world, a clock and a shop of its own.
require "minitest/autorun"
require "stringio"
require_relative "merchant"

def http(base, method, path, content = nil, headers = {})
  body = content.nil? || content.is_a?(String) ? content : JSON.generate(content)
  headers = { "Content-Type" => "application/json", **headers }
  uri = URI(base)
  response = Net::HTTP.start(uri.host, uri.port) { |http| http.send_request(method, path, body, headers) }
  is_json = response["Content-Type"].to_s.include?("json") && !response.body.to_s.empty?
  [response.code.to_i, is_json ? JSON.parse(response.body) : response.body]
end

# A world of the sandbox with its shop.
class World
  SANDBOX = ENV.fetch("SANDBOX_URL", "http://127.0.0.1:8852")

  attr_reader :account, :settings, :url

  def initialize(changes = {}, &send_goods)
    @server = Merchant.listen(0, Logger: WEBrick::Log.new($stderr, WEBrick::Log::WARN))
    @url = "http://127.0.0.1:#{@server.config[:Port]}"
    world = { clock: "2026-01-05T09:00:00Z", settings: { webhookUrl: "#{url}/webhooks" } }
    status, opened = http(SANDBOX, "POST", "/_sandbox/worlds", world)
    raise opened.to_s unless status == 201

    @account = opened["processingAccountId"]
    @settings = { "NOMUPAY_BASE_URL" => SANDBOX, "NOMUPAY_PROCESSING_ACCOUNT_ID" => account, "SHOP_URL" => url,
                  "NOMUPAY_KID" => opened["kid"], "NOMUPAY_HMAC_KEY" => opened["hmacKey"],
                  "NOMUPAY_PRIVATE_KEY" => opened["privateKey"].gsub("\n", "\\n") }.merge(changes)
    merchant = Merchant.new(settings, log: StringIO.new, &send_goods || ->(_order) {})
    @server.mount_proc("/") { |request, response| merchant.serve(request, response) }
    @thread = Thread.new { @server.start }
  end

  def close
    http(SANDBOX, "DELETE", "/_sandbox/worlds/#{account}")
    @server.shutdown
    @thread.join
  end

  # A request to the shop: status and content.
  def shop(method, path, content = nil, headers = {}) = http(url, method, path, content, headers)

  def control(method, path, content = nil)
    status, answer = http(SANDBOX, method, "/_sandbox/worlds/#{account}#{path}", content)
    raise "#{method} #{path}: #{status} #{answer}" unless status < 300

    answer
  end

  def scenario(scenario, times: 1) = control("POST", "/scenarios/next", { scenario: scenario, times: times })

  def payments = control("GET", "/payments")["data"]

  # The payer acts on the newest payment.
  def act(action)
    control("POST", "/payments/#{payments.first["id"]}/actions", { action: action })
    settle
  end

  # A person refunds a payment, past the shop.
  def refund_at_provider(payment)
    Provider.new(settings).post("/v1/payments/#{payment["id"]}/refunds", { merchantReference: "by-hand" })
    advance("PT2S")
  end

  def settle = control("POST", "/settle", {})

  def advance(by) = control("POST", "/clock/advance", { by: by })

  # The statuses that the shop answered to the notifications of a type.
  def answers(type = "payment")
    notifications = control("GET", "/notifications")["data"].select { |notification| notification["type"] == type }
    notifications.flat_map { |notification| notification["attempts"].map { |attempt| attempt["answer"]["status"] } }
  end

  def count(path) = control("POST", "/requests/verify", { match: { method: "POST", path: path } })["count"]

  # Sends a signed webhook, as the provider does.
  def notify(payload, id: "1", type: "payment", secret: settings["NOMUPAY_HMAC_KEY"], **claims)
    body = JSON.generate(id: id, type: type, live: false, payload: payload)
    claims = { alg: "HS256", kid: "1", aud: "#{url}/webhooks", exp: Time.now.to_i + 300, **claims }
    header = Signatures.base64url(JSON.generate(claims))
    mac = OpenSSL::HMAC.digest("SHA256", secret, "#{header}.#{Signatures.base64url(body)}")
    shop("POST", "/webhooks", body, { "X-Signature" => "#{header}..#{Signatures.base64url(mac)}" }).first
  end
end

class MerchantTest < Minitest::Test
  parallelize_me!

  ORDER = { reference: "1001", amount: 200 }.freeze

  def teardown = @world&.close

  def open_world(changes = {}, &send_goods) = @world = World.new(changes, &send_goods)

  def create_order(order = ORDER)
    status, created = @world.shop("POST", "/orders", order)
    assert_equal([201, order[:reference], "unpaid"], [status, created["reference"], created["status"]], created)
    created
  end

  def pay_order
    create_order
    @world.act("pay")
  end

  def assert_order(status, paid: 0, refunded: 0, fulfilments: paid.zero? ? 0 : 1, to_check: [])
    expected = { "reference" => "1001", "status" => status, "paidAmount" => paid, "refundedAmount" => refunded,
                 "fulfilments" => fulfilments, "toCheck" => to_check.map { |payment| payment["id"] } }
    assert_equal([200, expected], @world.shop("GET", "/orders/1001"))
  end

  def test_paid
    open_world
    created = create_order
    assert_equal([201, created], @world.shop("POST", "/orders", ORDER), "a pending order has one payment")
    @world.act("pay")
    assert_order("paid", paid: 200)
    assert_equal([204], @world.answers)
    assert_equal([200, "Order 1001: paid\n"], @world.shop("GET", "/return?reference=1001"))
    assert_equal(409, @world.shop("POST", "/orders", ORDER).first)
    assert_equal(404, @world.shop("GET", "/orders/1002").first)
    assert_equal(1, @world.payments.size)
  end

  def test_declined_and_paid_with_a_new_attempt
    open_world
    first = create_order
    @world.act("decline")
    assert_order("declined")
    @world.scenario("server_error_before", times: 3)
    assert_equal(500, @world.shop("POST", "/orders", ORDER).first)
    declined = @world.payments.first.slice("id", "merchantReference", "amount", "status")
    assert_equal(204, @world.notify(declined), "old news about the first attempt")
    assert_order("unpaid")
    refute_equal(first["paymentUrl"], create_order["paymentUrl"])
    @world.act("pay")
    assert_order("paid", paid: 200)
    targets = @world.control("GET", "/requests")["data"].map { |request| request["target"] }
    keys = targets.filter_map { |target| target[/idempotencyKey=(.*)/, 1] }
    assert_equal(%w[order-1001-2] * 4 + %w[order-1001-1], keys)
  end

  def test_expired
    open_world
    create_order
    @world.advance("PT29M59S")
    assert_order("unpaid")
    @world.advance("PT1S")
    assert_order("expired")
  end

  def test_the_return_asks_the_provider_and_does_not_trust_the_url
    open_world
    create_order
    @world.scenario("webhook_never")
    create_order(reference: "1002", amount: 200)
    path = "/return?reference=1002&status=captured"
    assert_equal([200, "Order 1002: unpaid\n"], @world.shop("GET", path))
    @world.advance("PT2S")
    assert_equal([200, "Order 1002: paid\n"], @world.shop("GET", path))
    assert_equal([200, "Order 1002: paid\n"], @world.shop("POST", path))
    assert_order("unpaid")
  end

  def test_retried_after_two_failures
    failures = 2
    open_world { raise "No goods." if (failures -= 1) >= 0 }
    pay_order
    assert_order("unpaid")
    @world.advance("PT2M")
    assert_order("unpaid")
    @world.advance("PT5M")
    assert_order("paid", paid: 200)
    @world.advance("P5D")
    assert_order("paid", paid: 200)
    assert_equal([500, 500, 204], @world.answers)
  end

  def test_a_duplicate_webhook
    open_world
    @world.scenario("webhook_twice")
    create_order
    @world.advance("PT2S")
    @world.settle
    assert_equal([204, 204], @world.answers)
    assert_order("paid", paid: 200)
  end

  def test_a_webhook_and_returns_at_the_same_instant
    open_world { 10.times { @world.control("GET", "/clock") } }
    create_order
    @world.control("POST", "/payments/#{@world.payments.first["id"]}/actions", { action: "pay" })
    returns = Array.new(8) { Thread.new { @world.shop("GET", "/return?reference=1001") } }
    @world.settle
    assert_equal([[200, "Order 1001: paid\n"]], returns.map(&:value).uniq)
    assert_order("paid", paid: 200)
  end

  def test_a_lost_response
    open_world
    @world.scenario("response_lost")
    create_order
    assert_equal(2, @world.count("/v1/payments"))
    status, listed = @world.shop("GET", "/orders")
    assert_equal([200, ["1001"]], [status, listed["data"].map { |payment| payment["merchantReference"] }])
  end

  def test_three_failures_at_the_creation
    open_world
    @world.scenario("server_error_before", times: 3)
    assert_equal(500, @world.shop("POST", "/orders", ORDER).first)
    assert_equal([200, "Order 1001: unpaid\n"], @world.shop("GET", "/return?reference=1001"))
    pay_order
    assert_order("paid", paid: 200)
    assert_equal(1, @world.payments.size)
  end

  def test_equal_orders_at_the_same_time
    open_world
    created = Array.new(5) { Thread.new { @world.shop("POST", "/orders", ORDER) } }.map(&:value)
    assert_equal(1, created.map { |_, order| order["paymentUrl"] }.uniq.size)
    assert_equal(1, @world.payments.size)
  end

  def test_a_refusal_at_the_creation
    open_world
    status, refused = @world.shop("POST", "/orders", { reference: "1001", amount: 0.01 })
    assert_equal([400, true], [status, refused.key?("reason")])
    assert_equal(400, @world.shop("POST", "/orders", { reference: "a&b", amount: 200 }).first)
    assert_equal([400, 400], ["{", "[1]"].map { |body| @world.shop("POST", "/orders", body).first })
    pay_order
    assert_order("paid", paid: 200)
  end

  def test_one_partial_refund
    open_world
    pay_order
    assert_equal(201, @world.shop("POST", "/orders/1001/refunds", { amount: 50 }).first)
    @world.advance("PT2S")
    assert_order("partially_refunded", paid: 200, refunded: 50)
    status, refused = @world.shop("POST", "/orders/1001/refunds", { amount: 50 })
    assert_equal([400, "partial_refund_limit_reached"], [status, refused.dig("reason", "code")])
    assert_equal(2, @world.count("/v1/payments/*/refunds"), "a refusal is not repeated")
    @world.advance("PT2S")
    assert_order("partially_refunded", paid: 200, refunded: 50)
  end

  def test_a_refund_of_all_and_then_old_news
    open_world
    @world.scenario("webhook_out_of_order")
    create_order
    assert_equal(409, @world.shop("POST", "/orders/1001/refunds", {}).first)
    @world.advance("PT2S")
    @world.shop("GET", "/return?reference=1001")
    assert_order("paid", paid: 200)
    assert_equal(201, @world.shop("POST", "/orders/1001/refunds", "").first)
    @world.advance("PT2S")
    @world.settle
    assert_equal([[204], [204]], [@world.answers("payment"), @world.answers("refund")])
    assert_order("refunded", paid: 200, refunded: 200)
  end

  def test_a_failed_refund
    open_world
    @world.scenario("refund_fails")
    create_order
    @world.advance("PT2S")
    assert_equal(201, @world.shop("POST", "/orders/1001/refunds", { amount: 50 }).first)
    @world.advance("PT2S")
    assert_order("paid", paid: 200)
    assert_equal([204], @world.answers("refund"))
  end

  def test_the_response_to_a_refund_and_the_read_after_it_are_lost
    open_world
    pay_order
    @world.scenario({ on: "refund", fault: "response_lost" })
    assert_equal(201, @world.shop("POST", "/orders/1001/refunds", { amount: 50 }).first)
    @world.scenario({ on: "read", fault: "server_error_before" })
    @world.advance("PT2S")
    assert_order("paid", paid: 200)
    @world.advance("PT2M")
    assert_order("partially_refunded", paid: 200, refunded: 50)
    assert_equal([500, 204], @world.answers("refund"))
  end

  def test_a_forged_webhook
    open_world
    create_order
    payload = @world.payments.first.slice("id", "merchantReference", "amount").merge("status" => "captured")
    assert_equal(401, @world.notify(payload, secret: "guessed"))
    assert_equal(401, @world.notify(payload, alg: "none"))
    assert_equal(401, @world.notify(payload, aud: "#{@world.url}/webhooks/"))
    assert_equal(401, @world.notify(payload, exp: Time.now.to_i))
    assert_equal(401, @world.shop("POST", "/webhooks", JSON.generate(payload)).first)
    assert_order("unpaid")
    assert_equal(204, @world.notify(payload), "the last one is right, so the others were refused for their signature")
    assert_order("paid", paid: 200)
  end

  def test_a_notification_is_handled_once
    open_world
    create_order
    create_order(reference: "1002", amount: 200)
    payments = @world.payments.map { |payment| payment.slice("id", "amount").merge("status" => "captured") }
    assert_equal([204, 204], payments.map { |payment| @world.notify(payment) })
    assert_order("unpaid")
    assert_equal(204, @world.notify(payments.last, id: "2"))
    assert_order("paid", paid: 200)
  end

  def test_a_webhook_about_a_payment_that_the_shop_did_not_create
    open_world
    create_order
    payload = @world.payments.first.slice("merchantReference", "amount").merge("id" => "1", "status" => "captured")
    assert_equal(204, @world.notify(payload))
    assert_order("attention", to_check: [payload])
  end

  def test_a_webhook_with_a_wrong_amount
    open_world
    @world.scenario("webhook_amount_mismatch")
    create_order
    @world.advance("PT2S")
    @world.settle
    assert_equal([204], @world.answers)
    assert_order("attention", to_check: @world.payments)
    @world.refund_at_provider(@world.payments.first)
    assert_equal([], @world.shop("GET", "/orders/1001").last["toCheck"])
  end

  def test_notifications_that_change_nothing
    open_world
    create_order
    payment = @world.payments.first.slice("id", "merchantReference", "amount")
    assert_equal(204, @world.notify(payment.merge("status" => "under_review"), id: "1"))
    assert_equal(204, @world.notify(payment.merge("status" => "captured"), id: "2", type: "dispute"))
    assert_order("unpaid")
    assert_equal(204, @world.notify(payment.merge("status" => "captured"), id: "3"))
    assert_order("paid", paid: 200)
  end

  def test_the_job_finds_a_payment_without_webhook_and_return
    open_world
    @world.scenario("webhook_never")
    create_order
    @world.act("pay")
    assert_order("unpaid")
    assert_equal(204, @world.shop("POST", "/jobs").first)
    assert_order("paid", paid: 200)
  end

  def test_two_paid_attempts
    open_world
    @world.scenario({ paidLate: "PT10M" })
    create_order
    @world.advance("PT30M")
    assert_order("expired")
    pay_order
    @world.advance("PT10M")
    assert_order("attention", paid: 200, to_check: [@world.payments.last])
    @world.refund_at_provider(@world.payments.last)
    assert_order("paid", paid: 200)
  end

  def test_paid_after_it_expired
    open_world
    @world.scenario({ paidLate: "PT10M" })
    create_order
    @world.advance("PT30M")
    @world.advance("PT10M")
    assert_order("paid", paid: 200)
  end

  def test_cancelled
    open_world
    create_order
    assert_equal(200, @world.shop("POST", "/orders/1001/cancel").first)
    assert_order("cancelled")
    assert_equal(409, @world.shop("POST", "/orders", ORDER).first)
    @world.act("pay")
    assert_order("attention", to_check: @world.payments)
    create_order(reference: "1002", amount: 200)
    @world.act("pay")
    assert_equal(409, @world.shop("POST", "/orders/1002/cancel").first, "a paid order")
  end

  def test_a_refund_that_fails_late
    open_world
    @world.scenario("refund_fails_late")
    pay_order
    assert_equal(201, @world.shop("POST", "/orders/1001/refunds", "").first)
    @world.advance("PT2S")
    assert_order("refunded", paid: 200, refunded: 200)
    @world.advance("PT1H")
    assert_order("paid", paid: 200)
  end

  def test_a_webhook_before_the_response
    open_world
    @world.scenario("webhook_before_response")
    assert_equal(201, @world.shop("POST", "/orders", ORDER).first)
    assert_equal([204], @world.answers)
    assert_order("paid", paid: 200)
  end

  def test_money_for_an_order_whose_payment_is_not_known
    open_world
    @world.scenario("response_wrong_signature")
    assert_equal(500, @world.shop("POST", "/orders", ORDER).first)
    @world.act("pay")
    assert_equal([204], @world.answers)
    assert_order("paid", paid: 200)
    assert_equal(1, @world.payments.size)
  end

  def test_a_response_with_a_wrong_signature_is_not_used
    open_world("NOMUPAY_HMAC_KEY" => "another")
    assert_equal([500, { "error" => "The shop failed." }], @world.shop("POST", "/orders", ORDER))
    assert_equal(1, @world.payments.size)
  end
end

# Verifies requests as the provider does.
module Requests
  module_function

  def accepted?(keys, now, method, target, body, value)
    header, signature = /\A([\w-]+)\.\.([\w-]+)\z/.match(value.to_s)&.captures
    claims = header && JSON.parse(decode(header))
    return false unless claims.is_a?(Hash) && claims["alg"] == "ES256" && !claims.key?("crit")

    exp = claims["exp"]
    is_timely = exp.is_a?(Numeric) && exp > now && exp <= now + 300
    key = keys.find { |candidate| candidate["kid"] == claims["kid"] }
    return false unless key && is_timely && claims["aud"] == "#{method} #{target}"

    numbers = decode(signature).unpack("a32a32a*")
    return false unless numbers.map(&:size) == [32, 32, 0]

    integers = numbers.first(2).map { |bytes| OpenSSL::ASN1::Integer(OpenSSL::BN.new(bytes, 2)) }
    input = "#{header}.#{Signatures.base64url(body)}"
    OpenSSL::PKey.read(key["publicKey"]).verify("SHA256", OpenSSL::ASN1::Sequence(integers).to_der, input)
  rescue ArgumentError, JSON::ParserError
    false
  end

  def decode(text) = text.tr("-_", "+/").ljust((text.size + 3) / 4 * 4, "=").unpack1("m0")
end

class VectorsTest < Minitest::Test
  parallelize_me!

  FOLDER = ENV.fetch("VECTORS", File.join(__dir__, "../../fixtures/vectors"))

  def each_vector(name)
    file = JSON.parse(File.read(File.join(FOLDER, name), encoding: "UTF-8"))
    refute_empty(file["vectors"])
    file["vectors"].each { |vector| yield vector, vector["payload"].unpack1("m"), file }
  end

  def assert_verdict(vector, is_accepted)
    assert_equal(vector["verdict"], is_accepted ? "accepted" : "refused", vector["name"])
  end

  def test_requests
    each_vector("requests.json") do |vector, body, file|
      request = vector.values_at("method", "target")
      accepted = Requests.accepted?(file["keys"], file["now"], *request, body, vector["signature"])
      assert_verdict(vector, accepted)

      kid, pem = file["keys"].first.values_at("kid", "privateKey")
      own = Signatures.sign_request(OpenSSL::PKey.read(pem), kid, *request, body, now: file["now"])
      assert(Requests.accepted?(file["keys"], file["now"], *request, body, own), "own signature: #{vector["name"]}")
    end
  end

  def test_responses
    each_vector("responses.json") do |vector, body, file|
      assert_verdict(vector, Signatures.verify_response(vector["key"], vector["signature"], body, now: file["now"]))
    end
  end

  def test_webhooks
    each_vector("webhooks.json") do |vector, body, file|
      verdicts = vector.values_at("signature", "rightSignature").map do |signature|
        Signatures.verify_webhook(vector["key"], signature, body, vector["url"], now: file["now"])
      end
      assert_verdict(vector, verdicts.first)
      assert(verdicts.last, "the right signature: #{vector["name"]}") if vector.key?("rightSignature")
    end
  end

  def test_malformed_headers_are_not_valid
    headers = ["[]", "1", "null", "{", "{\"alg\":", "[" * 200, "\xff", ""].map { |text| Signatures.base64url(text) }
    values = headers.map { |header| "#{header}..AA" } + ["", ".", "..", ", ", "a..b", "a.b.c.d", "\xff..\xff", "é..é"]
    [nil, *values].each { |value| refute(Signatures.verify_response("secret", value, ""), value.inspect) }
  end
end
