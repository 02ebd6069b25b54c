"""Signed calls of NomuPay's API. Each response is verified before it is used."""
import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from signatures import sign_request, verify_response, verify_webhook


@dataclass
class Provider:
    base_url: str
    account: str
    kid: str
    private_key: str
    hmac_key: str
    timeout: float = 15  # seconds

    def __post_init__(self):
        if not self.hmac_key:
            raise ValueError("NOMUPAY_HMAC_KEY is empty: anybody could sign with an empty key.")

    def call(self, method, target, content=None):
        """Returns status and content. Repeats a request without a response, with the same target and body."""
        body = b"" if content is None else json.dumps(content).encode()
        for tries in (1, 2, 3):
            try:
                status, signatures, answer = self.send(method, target, body)
            except (OSError, HTTPException):
                if tries == 3:
                    raise
            else:
                # After a 500 the request may have been executed, as after a lost response.
                if status < 500 or tries == 3:
                    break
            time.sleep(0.1 * tries)
        if not verify_response(signatures, answer, self.hmac_key):
            raise RuntimeError(f"The response to {method} {target} is not signed by the provider.")
        return status, json.loads(answer)

    def send(self, method, target, body):
        base = urlsplit(self.base_url)
        connect = HTTPSConnection if base.scheme == "https" else HTTPConnection
        connection = connect(base.netloc, timeout=self.timeout)
        signature = sign_request(method, target, body, self.kid, self.private_key)
        try:
            connection.request(method, target, body, {"X-Signature": signature, "Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, joined(response.headers), response.read()
        finally:
            connection.close()

    def read(self, resource):
        """Reads a payment or a refund. A signature does not name its request, so the response must have the id."""
        status, content = self.call("GET", resource["trackingUrl"])
        if status != 200 or content["id"] != resource["id"]:
            raise RuntimeError(f"The response {status} is not the state of {resource['id']}: {content}")
        return content

    def has_sent(self, headers, body, url):
        """Whether a webhook is from the provider."""
        return verify_webhook(joined(headers), body, self.hmac_key, url)


def joined(headers):
    """All signatures: during a key rotation there are several X-Signature lines."""
    return ", ".join(headers.get_all("X-Signature", []))
