require "json"
require "net/http"
require_relative "signatures"

# An answer with a status that is not 2xx.
class Refusal < StandardError
  attr_reader :status, :content

  def initialize(status, content)
    super("#{status} #{content}")
    @status, @content = status, content
  end
end

# The provider's API: signs each request, and verifies each response before it is used.
class Provider
  # `settings` is ENV or a hash with the same names. The private key may have `\n` for its line breaks.
  def initialize(settings)
    @base = URI(settings.fetch("NOMUPAY_BASE_URL"))
    @kid = settings.fetch("NOMUPAY_KID")
    @private_key = OpenSSL::PKey.read(settings.fetch("NOMUPAY_PRIVATE_KEY").gsub("\\n", "\n"))
    @secret = settings.fetch("NOMUPAY_HMAC_KEY")
    raise "NOMUPAY_HMAC_KEY is empty: anybody could sign with an empty key." if @secret.empty?
  end

  def get(target)
    call("GET", target)
  rescue Refusal => e
    raise "GET #{target}: #{e.message}"
  end

  # Reads a payment or a refund. A signature does not name its request, so the response must have the id.
  def read(resource)
    content = get(resource["trackingUrl"])
    content["id"] == resource["id"] ? content : raise("The response is not the state of #{resource["id"]}.")
  end

  # Repeats the request if its response is lost or a 5xx: with the same idempotency key it is done once.
  def post(target, content)
    attempts = 0
    begin
      call("POST", target, JSON.generate(content))
    rescue IOError, SystemCallError, Timeout::Error, Refusal => e
      raise if (attempts += 1) == 3 || (e.is_a?(Refusal) && e.status < 500)

      sleep(0.1 * attempts)
      retry
    end
  end

  def webhook?(signatures, body, url) = Signatures.verify_webhook(@secret, signatures, body, url)

  private

  def call(method, target, body = nil)
    # The signature is about the bytes as they are, so no compression.
    headers = { "X-Signature" => Signatures.sign_request(@private_key, @kid, method, target, body.to_s),
                "Content-Type" => "application/json", "Accept-Encoding" => "identity" }
    options = { use_ssl: @base.scheme == "https", open_timeout: 5, read_timeout: 15 }
    response = Net::HTTP.start(@base.host, @base.port, options) do |http|
      http.send_request(method, target, body, headers)
    end
    unless Signatures.verify_response(@secret, response["X-Signature"], response.body.to_s)
      raise "The signature of the response to #{method} #{target} is not valid."
    end

    content = JSON.parse(response.body)
    response.is_a?(Net::HTTPSuccess) ? content : raise(Refusal.new(response.code.to_i, content))
  end
end
