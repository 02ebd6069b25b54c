"""The vectors of the sandbox: what the signatures of this folder must accept and refuse."""
import json
import os
import re
from base64 import b64decode, urlsafe_b64decode
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from signatures import encode, sign_request, verify_response, verify_webhook

FOLDER = Path(os.environ.get("VECTORS", Path(__file__).parent / "../../fixtures/vectors"))


def vectors(name):
    content = json.loads((FOLDER / f"{name}.json").read_text())
    return [pytest.param(content, vector, id=vector["name"]) for vector in content["vectors"]]


def provider_accepts(signature, method, target, body, keys, now):
    """What the provider does with a request of a merchant."""
    parts = re.fullmatch(r"([\w-]+)\.\.([\w-]+)", signature or "", re.ASCII)
    try:
        encoded, raw = parts.groups()
        header, received = [urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (encoded, raw)]
        claims = json.loads(header)
        key = next(key["publicKey"] for key in keys if key["kid"] == claims["kid"])
        if claims["alg"] != "ES256" or "crit" in claims or claims["aud"] != f"{method} {target}":
            return False
        if not now < claims["exp"] <= now + 300 or len(received) != 64 or encode(received) != raw:
            return False
        der = utils.encode_dss_signature(int.from_bytes(received[:32], "big"), int.from_bytes(received[32:], "big"))
        message = f"{encoded}.{encode(body)}".encode()
        serialization.load_pem_public_key(key.encode()).verify(der, message, ec.ECDSA(hashes.SHA256()))
    except (AttributeError, InvalidSignature, LookupError, StopIteration, TypeError, ValueError):
        return False
    return True


@pytest.mark.parametrize("content, vector", vectors("requests"))
def test_requests(content, vector):
    now, keys = content["now"], content["keys"]
    message = (vector["method"], vector["target"], b64decode(vector["payload"]))
    assert provider_accepts(vector["signature"], *message, keys, now) == (vector["verdict"] == "accepted")
    signature = sign_request(*message, keys[0]["kid"], keys[0]["privateKey"], now)
    assert provider_accepts(signature, *message, keys, now)


@pytest.mark.parametrize("content, vector", vectors("responses"))
def test_responses(content, vector):
    body = b64decode(vector["payload"])
    for signature, verdict in verdicts(vector):
        assert verify_response(signature, body, vector["key"], content["now"]) == verdict


@pytest.mark.parametrize("content, vector", vectors("webhooks"))
def test_webhooks(content, vector):
    body = b64decode(vector["payload"])
    for signature, verdict in verdicts(vector):
        assert verify_webhook(signature, body, vector["key"], vector["url"], content["now"]) == verdict


def verdicts(vector):
    yield vector["signature"], vector["verdict"] == "accepted"
    if "rightSignature" in vector:
        yield vector["rightSignature"], True


def test_a_malformed_header_is_not_valid():
    hs256 = encode(b'{"alg":"HS256"}')
    for jws in (None, "\udcff..AA", "é..é", f"{hs256}..\udcff", f"{hs256}..é", f"{encode(b'[' * 45_000)}..AA"):
        assert verify_response(jws, b"", "a secret with ü") is False


def test_a_private_key_from_a_variable_and_a_short_signature(monkeypatch):
    pem = json.loads((FOLDER / "requests.json").read_text())["keys"][0]["privateKey"]
    monkeypatch.setattr(utils, "decode_dss_signature", lambda der: (1, 2))
    _, raw = sign_request("GET", "/v1/payments", b"", "kid", pem.replace("\n", "\\n")).split("..")
    assert urlsafe_b64decode(raw + "==") == bytes(31) + b"\x01" + bytes(31) + b"\x02"
