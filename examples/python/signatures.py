"""Signatures of NomuPay's API: a detached JWS over the exact bytes of the body, in the header X-Signature."""
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


def sign_request(method, target, body, kid, private_key, now=None):
    """Returns X-Signature (ES256). The target is path and query, exactly as sent; without a body, body is b""."""
    exp = int(now or time.time()) + 180
    header = encode(json.dumps({"alg": "ES256", "kid": kid, "aud": f"{method} {target}", "exp": exp}).encode())
    key = serialization.load_pem_private_key(private_key.replace("\\n", "\n").encode(), password=None)
    der = key.sign(f"{header}.{encode(body)}".encode(), ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(der)
    return f"{header}..{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def verify_response(signatures, body, hmac_key, now=None):
    """Whether the provider signed the body of this response. Join several X-Signature lines by ", " first."""
    return any(is_valid(each, body, hmac_key, None, now) for each in (signatures or "").split(", "))


def verify_webhook(signatures, body, hmac_key, url, now=None):
    """Whether the provider signed the body of this webhook for the endpoint with exactly this URL."""
    return any(is_valid(each, body, hmac_key, url, now) for each in (signatures or "").split(", "))


def is_valid(signature, body, hmac_key, aud, now):
    encoded, _, received = signature.partition("..")
    try:
        header = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError):
        return False
    if not isinstance(header, dict) or header.get("alg") != "HS256" or header.get("aud") != aud or "crit" in header:
        return False
    expected = encode(hmac.digest(hmac_key.encode(), f"{encoded}.{encode(body)}".encode(), "sha256"))
    is_fresh = isinstance(header.get("exp"), (int, float)) and header["exp"] > (now or time.time())
    return hmac.compare_digest(expected.encode(), received.encode("ascii", "replace")) and is_fresh


def encode(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()
