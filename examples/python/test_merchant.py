import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from inspect import signature

import pytest

from conftest import open_world
from signatures import encode


def test_an_order_is_paid(world):
    order = world.order()
    assert order["paymentUrl"].startswith("http")
    assert world.state() == ("unpaid", 0, 0, 0)
    world.act("pay")
    assert world.state() == ("paid", 200, 0, 1)
    assert world.request("POST", "/orders", {"reference": "1001", "amount": 200})[0] == 409
    assert [payment["status"] for payment in world.request("GET", "/orders?limit=5")[1]["data"]] == ["captured"]


def test_a_pending_order_keeps_its_payment(world):
    assert world.order() == world.order()
    assert len(world.payments()) == 1


def test_a_declined_order_can_be_paid_by_a_new_payment(world):
    first = world.order()
    world.act("decline")
    assert world.state() == ("declined", 0, 0, 0)
    assert world.order() != first
    world.act("pay")
    assert world.state() == ("paid", 200, 0, 1)
    assert len(world.payments()) == 2


def test_an_order_expires(world):
    world.order()
    world.advance("PT30M")
    assert world.state() == ("expired", 0, 0, 0)


def test_an_order_is_not_sold_again_while_its_webhook_is_missing(world):
    world.next("webhook_never")
    world.order()
    world.act("pay")
    status, order = world.request("POST", "/orders", {"reference": "1001", "amount": 200})
    assert (status, order["status"], order["fulfilments"]) == (409, "paid", 1)


def test_the_return_asks_the_provider(world):
    world.next("webhook_never")
    world.order()
    assert world.request("GET", "/return?reference=1001&status=captured") == (200, "Order 1001: unpaid\n")
    world.act("pay")
    assert world.state() == ("unpaid", 0, 0, 0)
    assert world.request("GET", "/return?reference=1001") == (200, "Order 1001: paid\n")
    assert world.state() == ("paid", 200, 0, 1)


def test_webhook_and_returns_at_the_same_instant(world):
    read, fulfil, reads = world.shop.provider.read, world.shop.fulfil, threading.Semaphore(0)

    def counted_read(resource):
        content = read(resource)
        reads.release()
        return content

    def fulfil_while_others_wait(order):
        assert all(reads.acquire(timeout=5) for _ in range(2))
        fulfil(order)

    world.shop.provider.read, world.shop.fulfil = counted_read, fulfil_while_others_wait
    world.order()
    world.control("POST", f"/payments/{world.payments()[0]['id']}/actions", {"action": "pay"})
    with ThreadPoolExecutor(2) as pool:
        returns = list(pool.map(world.request, ["GET"] * 2, ["/return?reference=1001"] * 2))
    world.settle()
    assert returns == [(200, "Order 1001: paid\n")] * 2
    assert (world.state(), world.attempts()) == (("paid", 200, 0, 1), [[204]])


def test_a_webhook_is_retried_until_the_shop_has_handled_it(world):
    fulfil = world.shop.fulfil
    failures = iter([OSError("no stock system"), OSError("no stock system")])

    def fails_twice(order):
        for failure in failures:
            raise failure
        fulfil(order)

    world.shop.fulfil = fails_twice
    world.order()
    world.act("pay")
    assert (world.state(), world.attempts()) == (("unpaid", 0, 0, 0), [[500]])
    world.advance("PT2M")
    assert (world.state(), world.attempts()) == (("unpaid", 0, 0, 0), [[500, 500]])
    world.advance("PT5M")
    assert (world.state(), world.attempts()) == (("paid", 200, 0, 1), [[500, 500, 204]])
    world.advance("P5D")
    assert world.attempts() == [[500, 500, 204]]


def test_a_duplicate_webhook_is_handled_once(world):
    world.next("webhook_twice")
    world.order()
    world.act("pay")
    assert world.attempts() == [[204, 204]]
    assert world.state() == ("paid", 200, 0, 1)


@pytest.mark.parametrize("scenario", ["response_lost", "server_error_after"])
def test_a_lost_response_makes_one_payment(world, scenario):
    world.next(scenario)
    world.order()
    world.control("POST", "/requests/verify", {"match": {"method": "POST", "path": "/v1/payments"}, "exactly": 2})
    assert len(world.payments()) == 1
    world.act("pay")
    assert world.state() == ("paid", 200, 0, 1)


def test_a_response_with_a_wrong_signature_is_not_used(world):
    provider = world.shop.provider
    provider.hmac_key, right = "wrong", provider.hmac_key
    assert world.request("POST", "/orders", {"reference": "1001", "amount": 200})[0] == 500
    assert world.request("GET", "/orders")[0] == 500
    assert world.shop.orders["1001"].attempts[-1].payment is None
    provider.hmac_key = right
    world.order()
    assert len(world.payments()) == 1


def test_orders_at_the_same_instant_make_one_payment(world):
    with ThreadPoolExecutor(5) as pool:
        orders = list(pool.map(lambda _: world.order(), range(5)))
    assert all(order == orders[0] for order in orders)
    assert len(world.payments()) == 1


def test_one_partial_refund(world):
    world.order()
    world.act("pay")
    status, refund = world.request("POST", "/orders/1001/refunds", {"amount": 50})
    assert (status, refund["status"]) == (201, "pending")
    assert world.state() == ("paid", 200, 0, 1)
    world.advance("PT2S")
    assert world.state() == ("partially_refunded", 200, 50, 1)
    status, refusal = world.request("POST", "/orders/1001/refunds", {"amount": 50})
    assert (status, refusal["reason"]["code"]) == (400, "partial_refund_limit_reached")


def test_old_notifications_change_nothing(world):
    world.order()
    world.act("pay")
    assert world.request("POST", "/orders/1001/refunds", {"amount": 200})[0] == 201
    world.advance("PT2S")
    for notification in world.control("GET", "/notifications")["data"]:
        world.control("POST", f"/notifications/{notification['id']}/resend", {})
    world.settle()
    assert (world.state(), world.attempts()) == (("refunded", 200, 200, 1), [[204, 204], [204, 204]])
    # The shop reads the payment when it hears of the refund, but not again.
    reads = {"method": "GET", "path": f"/v1/payments/{world.payments()[0]['id']}"}
    world.control("POST", "/requests/verify", {"match": reads, "exactly": 1})


def test_a_whole_refund_whose_response_is_lost(world):
    world.order()
    world.act("pay")
    world.next({"on": "refund", "fault": "response_lost"})
    assert world.request("POST", "/orders/1001/refunds")[0] == 201
    world.advance("PT2S")
    assert world.state() == ("refunded", 200, 200, 1)


def test_a_refund_that_is_reported_before_its_payment(world):
    world.next("webhook_out_of_order")
    world.order()
    world.act("pay")
    assert world.request("POST", "/orders/1001/refunds", {"amount": 50})[0] == 201
    world.advance("PT2S")
    assert world.state() == ("partially_refunded", 200, 50, 1)
    assert world.attempts() == [[204], [204]]


def test_a_refund_that_fails_late(world):
    world.next("refund_fails_late")
    world.order()
    world.act("pay")
    assert world.request("POST", "/orders/1001/refunds")[0] == 201
    world.advance("PT2S")
    assert world.state() == ("refunded", 200, 200, 1)
    world.advance("PT1H")
    assert world.state() == ("paid", 200, 0, 1)


def test_a_failed_refund_changes_nothing(world):
    world.next("refund_fails")
    world.order()
    world.act("pay")
    assert world.request("POST", "/orders/1001/refunds", {"amount": 50})[0] == 201
    world.advance("PT2S")
    assert world.state() == ("paid", 200, 0, 1)


def test_a_wrong_amount_pays_nothing(world):
    world.next("webhook_amount_mismatch")
    world.order()
    world.act("pay")
    assert (world.state(), world.attempts()) == (("attention", 0, 0, 0), [[204]])


def test_a_payment_of_somebody_else_with_the_same_reference_is_for_a_person(world):
    world.order()
    other = {"processingAccountId": world.shop.provider.account, "merchantReference": "1001",
             "amount": {"value": 200, "currency": "hkd"},
             "paymentMethod": {"type": "alipay_hk",
                               "alipayHk": {"flowType": "qr_link", "returnUrl": "https://shop.example/"}}}
    assert world.shop.provider.call("POST", "/v1/payments", other)[0] == 201
    world.act("pay")
    assert (world.state(), world.attempts()) == (("attention", 0, 0, 0), [[204]])
    world.refund_at_provider(world.payments()[0]["id"])
    assert world.request("GET", "/orders/1001")[1]["toCheck"] == []


def test_a_webhook_before_the_response(world):
    world.next("webhook_before_response")
    world.request("POST", "/orders", {"reference": "1001", "amount": 200})
    assert (world.state(), world.attempts()) == (("paid", 200, 0, 1), [[204]])


def test_money_for_an_order_whose_payment_is_not_known(world):
    world.next("response_wrong_signature")
    assert world.request("POST", "/orders", {"reference": "1001", "amount": 200})[0] == 500
    world.act("pay")
    assert (world.state(), world.attempts()) == (("paid", 200, 0, 1), [[204]])
    assert len(world.payments()) == 1


def test_the_job_finds_a_payment_without_webhook_and_return(world):
    world.next("webhook_never")
    world.order()
    world.act("pay")
    assert world.state() == ("unpaid", 0, 0, 0)
    assert world.request("POST", "/jobs")[0] == 204
    assert world.state() == ("paid", 200, 0, 1)


def test_two_paid_attempts_send_the_goods_once_and_one_is_to_check_until_it_is_refunded(world):
    world.next({"paidLate": "PT10M"})
    world.order()
    world.advance("PT30M")
    assert world.state() == ("expired", 0, 0, 0)
    world.order()
    world.act("pay")
    world.advance("PT10M")
    assert world.state() == ("attention", 200, 0, 1)
    world.refund_at_provider(world.payments()[1]["id"])
    assert world.state() == ("paid", 200, 0, 1)


def test_a_payment_that_is_paid_after_it_expired_pays_the_order(world):
    world.next({"paidLate": "PT10M"})
    world.order()
    world.advance("PT30M")
    world.advance("PT10M")
    assert world.state() == ("paid", 200, 0, 1)


def test_a_paid_order_cannot_be_cancelled_and_money_for_a_cancelled_one_is_for_a_person(world):
    world.order()
    assert world.request("POST", "/orders/1001/cancel")[0] == 200
    assert world.state() == ("cancelled", 0, 0, 0)
    assert world.request("POST", "/orders", {"reference": "1001", "amount": 200})[0] == 409
    world.act("pay")
    assert world.state() == ("attention", 0, 0, 0)
    world.order(reference="1002")
    world.act("pay")
    assert world.request("POST", "/orders/1002/cancel")[0] == 409


def test_a_forged_webhook_is_refused(world):
    world.order()
    attempt = world.shop.orders["1001"].attempts[-1]
    payload = {"id": attempt.payment["id"], "merchantReference": "1001", "status": "captured", "unknown": {},
               "amount": {**attempt.amount, "unknown": 0}}
    body = json.dumps({"id": "0" * 27, "type": "payment", "live": False, "payload": payload}).encode()
    right = {"alg": "HS256", "exp": time.time() + 60, "aud": f"{world.shop.url}/webhooks"}
    key = world.shop.provider.hmac_key

    def send(jws, body=body):
        return world.request("POST", "/webhooks", body, {"X-Signature": jws})[0]

    def sign(header, key, body=body):
        encoded = encode(json.dumps(header).encode())
        return f"{encoded}..{encode(hmac.digest(key.encode(), f'{encoded}.{encode(body)}'.encode(), 'sha256'))}"

    forged = [{"alg": "none"}, {"alg": "ES256"}, {"exp": time.time() - 1}, {"exp": "never"}, {"aud": None},
              {"aud": world.shop.url}, {"aud": "https://shop.example/webhooks"}]
    for member in forged:
        assert send(sign({**right, **member}, key)) == 401, member
    for jws in ("", "no JWS", "e30..AA", "W10..AA", "AA..AA", "....", sign(right, key) + "A", sign(right, "no")):
        assert send(jws) == 401, jws
    assert world.request("POST", "/webhooks", body)[0] == 401
    for changed in (body.replace(b'"captured"', b'"under_review"'), body.replace(b'"payment"', b'"dispute"')):
        assert send(sign(right, key, changed.replace(b"000", b"001")), changed.replace(b"000", b"001")) == 204
    assert world.state() == ("unpaid", 0, 0, 0)
    chunks = iter([body[:9], body[9:]])  # without Content-Length
    assert send(f"{sign(right, 'other')}, {sign(right, key)}", chunks) == 204
    assert world.state() == ("paid", 200, 0, 1)


def test_a_key_rotation(world):
    old = world.shop.provider.hmac_key
    new = world.control("POST", "/keys/rotate", {"overlap": "PT1H"})["hmacKey"]
    assert old != new
    for reference, key in (("1001", old), ("1002", new)):
        world.shop.provider.hmac_key = key
        world.order(reference=reference)
        world.act("pay")
        assert world.state(reference) == ("paid", 200, 0, 1)
    assert world.attempts() == [[204], [204]]


def test_requests_that_make_no_sense(world):
    for content in (b"no JSON", [], {}, {"reference": "a/b", "amount": 200}, {"reference": "1001", "amount": "much"}):
        assert world.request("POST", "/orders", content)[0] == 400
    assert world.request("POST", "/orders/1002/refunds")[0] == 404
    assert world.payments() == []


def takes_a_world(flow):
    return list(signature(flow).parameters) == ["world"]


def test_in_parallel_each_in_its_own_world():
    flows = [flow for name, flow in globals().items() if name.startswith("test_") and takes_a_world(flow)]
    assert len(flows) > 10

    def run(flow):
        with open_world() as world:
            flow(world)

    with ThreadPoolExecutor(len(flows)) as pool:
        for running in [pool.submit(run, flow) for flow in flows]:
            running.result()
