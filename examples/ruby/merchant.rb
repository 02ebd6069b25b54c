# The HTTP server of a small shop that is paid with Alipay HK.
require "webrick"
require_relative "shop"

class Merchant
  def self.listen(port, **more) = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: port, AccessLog: [], **more)

  # `settings` is ENV or a hash with the same names. The block sends the goods of an order.
  def initialize(settings, log: $stderr, &send_goods)
    url = settings.fetch("SHOP_URL") { "http://127.0.0.1:#{settings.fetch("PORT", 3000)}" }
    @log, @shop = log, Shop.new(settings, url, log, &send_goods)
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
    in ["POST", "webhooks"] then @shop.webhook(request["X-Signature"], request.body.to_s)
    in ["POST", "orders"] then @shop.create(input(request))
    in ["GET", "orders"] then @shop.list
    in ["GET", "orders", reference] then @shop.show(reference)
    in ["POST", "orders", reference, "refunds"] then @shop.refund(reference, input(request))
    in ["POST", "orders", reference, "cancel"] then @shop.cancel(reference)
    in ["POST", "jobs"] then @shop.track_all
    in ["GET" | "POST", "return"] then @shop.return_of(request.query_string.to_s[/reference=([\w-]+)/, 1])
    else [404, { error: "No such route." }]
    end
  end

  def input(request) = request.body.to_s.empty? ? {} : JSON.parse(request.body, symbolize_names: true)
end

if $PROGRAM_NAME == __FILE__
  server = Merchant.listen(ENV.fetch("PORT", 3000).to_i)
  merchant = Merchant.new(ENV) { |order| warn "Send the goods of order #{order.reference}." }
  server.mount_proc("/") { |request, response| merchant.serve(request, response) }
  %w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
  server.start
end
