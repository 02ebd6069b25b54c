import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor

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


def test_the_return_asks_the_provider(world):
    world.next("webhook_never")
    world.order()
    assert world.request("GET", "/return?reference=1001&status=captured") == (200, "Order 1001: unpaid\n")
    world.act("pay")
    assert world.state() == ("unpaid", 0, 0, 0)
    assert world.request("GET", "/return?reference=1001") == (200, "Order 1001: paid\n")
    assert world.state() == ("paid", 200, 0, 1)


def test_webhook_and_return_at_the_same_instant(world):
    world.order()
    with ThreadPoolExecutor(8) as pool:
        returns = [pool.submit(world.request, "GET", "/return?reference=1001") for _ in range(7)]
        world.act("pay")
        returns += [pool.submit(world.request, "GET", "/return?reference=1001") for _ in range(7)]
    assert {each.result()[0] for each in returns} == {200}
    assert world.state() == ("paid", 200, 0, 1)


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


def test_a_lost_response_makes_one_payment(world):
    world.next("response_lost")
    world.order()
    world.control("POST", "/requests/verify", {"match": {"method": "POST", "path": "/v1/payments"}, "exactly": 2})
    assert len(world.payments()) == 1
    world.act("pay")
    assert world.state() == ("paid", 200, 0, 1)


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
    paid, _ = world.control("GET", "/notifications")["data"][::-1]
    world.control("POST", f"/notifications/{paid['id']}/resend", {})
    world.settle()
    assert world.state() == ("partially_refunded", 200, 50, 1)


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
    assert (world.state(), world.attempts()) == (("unpaid", 0, 0, 0), [[204]])


def test_a_payment_of_somebody_else_with_the_same_reference_pays_nothing(world):
    world.order()
    other = {"processingAccountId": world.shop.provider.account, "merchantReference": "1001",
             "amount": {"value": 200, "currency": "hkd"},
             "paymentMethod": {"type": "alipay_hk",
                               "alipayHk": {"flowType": "qr_link", "returnUrl": "https://shop.example/"}}}
    assert world.shop.provider.call("POST", "/v1/payments", other)[0] == 201
    world.act("pay")
    assert (world.state(), world.attempts()) == (("unpaid", 0, 0, 0), [[204]])


def test_a_webhook_before_the_response(world):
    world.next("webhook_before_response")
    world.order()
    assert world.attempts() == [[500]]
    world.advance("PT2M")
    assert (world.state(), world.attempts()) == (("paid", 200, 0, 1), [[500, 204]])


def test_a_forged_webhook_is_refused(world):
    world.order()
    payment = world.shop.orders["1001"].payment
    payload = {"id": payment["id"], "merchantReference": "1001", "status": "captured", "amount": payment["amount"]}
    body = json.dumps({"id": "0" * 27, "type": "payment", "live": False, "payload": payload}).encode()
    right = {"alg": "HS256", "exp": time.time() + 60, "aud": f"{world.shop.url}/webhooks"}
    key = world.shop.provider.hmac_key

    def send(signature):
        return world.request("POST", "/webhooks", body, {"X-Signature": signature})[0]

    def sign(header, key):
        encoded = encode(json.dumps(header).encode())
        return f"{encoded}..{encode(hmac.digest(key.encode(), f'{encoded}.{encode(body)}'.encode(), 'sha256'))}"

    forged = [{"alg": "none"}, {"alg": "ES256"}, {"exp": time.time() - 1}, {"exp": "never"}, {"aud": None},
              {"aud": world.shop.url}, {"aud": "https://shop.example/webhooks"}]
    for member in forged:
        assert send(sign({**right, **member}, key)) == 401, member
    for signature in ("", "no JWS", "e30..AA", "W10..AA", "AA..AA", "....", sign(right, key) + "A", sign(right, "other")):
        assert send(signature) == 401, signature
    assert world.request("POST", "/webhooks", body)[0] == 401
    assert world.state() == ("unpaid", 0, 0, 0)
    assert send(f"{sign(right, 'other')}, {sign(right, key)}") == 204
    assert world.state() == ("paid", 200, 0, 1)


def test_a_key_rotation(world):
    world.control("POST", "/keys/rotate", {"overlap": "PT1H"})
    world.order()
    world.act("pay")
    assert (world.state(), world.attempts()) == (("paid", 200, 0, 1), [[204]])


def test_requests_that_make_no_sense(world):
    for content in (b"no JSON", [], {}, {"reference": "a/b", "amount": 200}, {"reference": "1001", "amount": "much"}):
        assert world.request("POST", "/orders", content)[0] == 400
    assert world.request("POST", "/orders/1002/refunds")[0] == 404
    assert world.payments() == []


def test_in_parallel_each_in_its_own_world():
    flows = [flow for name, flow in globals().items() if name.startswith("test_") and flow.__code__.co_argcount == 1]
    assert len(flows) > 10

    def run(flow):
        with open_world() as world:
            flow(world)

    with ThreadPoolExecutor(len(flows)) as pool:
        for running in [pool.submit(run, flow) for flow in flows]:
            running.result()
