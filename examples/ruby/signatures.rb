require "json"
require "openssl"

# Detached JWS over the exact bytes of a body. A message without a body has the body "".
module Signatures
  module_function

  # Returns the X-Signature of a request (ES256). `target` is the path with the query, as sent.
  def sign_request(private_key, kid, method, target, body, now: Time.now.to_i)
    header = base64url(JSON.generate(alg: "ES256", kid: kid, aud: "#{method} #{target}", exp: now + 180))
    der = private_key.sign("SHA256", "#{header}.#{base64url(body)}")
    # OpenSSL makes DER. A JWS has r and s, 32 bytes each.
    signature = OpenSSL::ASN1.decode(der).value.map { |number| number.value.to_s(2).rjust(32, "\0") }.join
    "#{header}..#{base64url(signature)}"
  end

  # A response has no `aud`.
  def verify_response(secret, signatures, body, now: Time.now.to_i)
    signatures.to_s.b.split(", ").any? { |jws| valid?(secret, jws, body, :absent, now) }
  end

  # `url` is the endpoint exactly as the provider has it.
  def verify_webhook(secret, signatures, body, url, now: Time.now.to_i)
    signatures.to_s.b.split(", ").any? { |jws| valid?(secret, jws, body, url, now) }
  end

  def valid?(secret, jws, body, aud, now)
    header, signature = /\A([\w-]+)\.\.([\w-]+)\z/.match(jws)&.captures
    claims = header && JSON.parse(header.tr("-_", "+/").ljust((header.size + 3) / 4 * 4, "=").unpack1("m0"))
    return false unless claims.is_a?(Hash) && claims["alg"] == "HS256" && !claims.key?("crit")

    expected = base64url(OpenSSL::HMAC.digest("SHA256", secret, "#{header}.#{base64url(body)}"))
    OpenSSL.secure_compare(expected, signature) &&
      claims["exp"].is_a?(Numeric) && claims["exp"] > now && claims.fetch("aud", :absent) == aud
  rescue ArgumentError, EncodingError, JSON::ParserError
    false # The header is not base64url, or not JSON.
  end

  def base64url(bytes) = [bytes].pack("m0").tr("+/", "-_").delete("=")
end
