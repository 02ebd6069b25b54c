import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox, verifyResponse } from "../../src/index.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { gate, startReceiver } from "../support/receiver.ts";

const byHeader = (name: string) => ({ "X-Sandbox-Scenario": name });
const ids = async (sandbox: Sandbox) =>
  (await get(sandbox, "/v1/payments")).body.data.map(({ id }: { id: string }) => id);

/** Sends a payment request over a new connection. */
function ask(url: string, scenario: string, key: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { method: "POST", agent: false, headers: byHeader(scenario) };
    const outgoing = httpRequest(`${url}/v1/payments?idempotencyKey=${key}`, options, async (answer) => {
      let body = "";
      for await (const chunk of answer.setEncoding("utf8")) body += chunk;
      resolve({ status: answer.statusCode ?? 0, body });
    });
    outgoing.on("error", reject).end(JSON.stringify(paymentRequest()));
  });
}

describe("a lost answer, over a socket", () => {
  test("closes the connection without any byte", async () => {
    await using sandbox = await createSandbox();
    const { port } = new URL(await sandbox.listen());
    const body = JSON.stringify(paymentRequest());
    const head =
      "POST /v1/payments HTTP/1.1\r\nHost: localhost\r\nX-Sandbox-Scenario: response_lost\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    const received = await new Promise<number>((resolve) => {
      let bytes = 0;
      const socket = connect(Number(port), "127.0.0.1", () => socket.write(head + body));
      socket.on("data", (chunk) => {
        bytes += chunk.length;
      });
      socket.on("error", () => undefined).on("close", () => resolve(bytes));
    });
    expect(received).toBe(0);
    expect(await ids(sandbox)).toHaveLength(1);
  });

  test("keeps the payment, and a retry with the same key returns it", async () => {
    await using sandbox = await createSandbox();
    const url = await sandbox.listen();
    await expect(ask(url, "response_lost", "order-1001")).rejects.toMatchObject({ code: "ECONNRESET" });
    const [id] = await ids(sandbox);
    const again = await ask(url, "response_lost", "order-1001");
    expect([again.status, JSON.parse(again.body).id]).toEqual([201, id]);
    expect(await ids(sandbox)).toEqual([id]);
  });

  test("does not affect other requests", async () => {
    await using sandbox = await createSandbox();
    const url = await sandbox.listen();
    const others = Array.from({ length: 10 }, (_, index) => ask(url, "paid", `order-100${index}`));
    const lost = Array.from({ length: 10 }, (_, index) => ask(url, "response_lost", `order-200${index}`));
    expect((await Promise.allSettled(lost)).map(({ status }) => status)).toEqual(Array(10).fill("rejected"));
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(await ids(sandbox)).toHaveLength(20);
  });
});

describe("faults and keys", () => {
  test.each([
    "server_error_after",
    "response_lost",
    "slow_response",
    "response_wrong_signature",
    "response_changed_redirect",
    "response_html",
  ])("%s: the key has the real answer", async (fault) => {
    await using sandbox = await frozenSandbox({ limits: { slowResponseMs: 0 } });
    const target = "/v1/payments?idempotencyKey=order-1001";
    await post(sandbox, target, paymentRequest(), byHeader(fault)).catch(() => undefined);
    const stored = await get(sandbox, "/v1/requests/payments?idempotencyKey=order-1001");
    const again = await post(sandbox, target, paymentRequest());
    expect([again.status, again.text]).toEqual([201, stored.text]);
    expect(await ids(sandbox)).toEqual([again.body.id]);
  });

  test.each(["server_error_before", "rate_limited"])("%s: the key is not consumed", async (fault) => {
    await using sandbox = await frozenSandbox();
    const target = "/v1/payments?idempotencyKey=order-1001";
    await post(sandbox, target, paymentRequest(), byHeader(fault));
    expect((await get(sandbox, "/v1/requests/payments?idempotencyKey=order-1001")).status).toBe(404);
    expect((await post(sandbox, target, paymentRequest({ amount: 300 }))).status).toBe(201);
  });

  test("a fault before the commit creates no world", async () => {
    await using sandbox = await frozenSandbox();
    const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
    const { status } = await post(
      sandbox,
      "/v1/payments",
      paymentRequest({ account }),
      byHeader("server_error_before"),
    );
    expect(status).toBe(500);
    expect((await get(sandbox, `/_sandbox/worlds/${account}`)).status).toBe(404);
  });

  test("answers of faults are signed", async () => {
    await using sandbox = await frozenSandbox();
    for (const fault of ["server_error_before", "server_error_after", "rate_limited"]) {
      const { headers, text } = await post(sandbox, "/v1/payments", paymentRequest(), byHeader(fault));
      const { hmacKey } = sandbox.credentials;
      expect(verifyResponse({ signature: headers.get("X-Signature"), body: text, hmacKey })).toBe(true);
    }
  });
});

const named = ["response_wrong_signature", "response_changed_redirect", "response_html"] as const;

describe("an answer that is changed", () => {
  const answers = async (fault: string) => {
    const sandbox = await frozenSandbox();
    const { body, text, headers } = await post(sandbox, "/v1/payments", paymentRequest(), byHeader(fault));
    const [{ id }] = (await get(sandbox, "/v1/payments")).body.data;
    const { body: right } = await get(sandbox, `/v1/payments/${id}`);
    return { sandbox, id: id as string, body, text, right, signature: headers.get("X-Signature") ?? "" };
  };

  test("has a wrong signature with the header members of a right one, over the true body", async () => {
    const { sandbox, body, right, signature } = await answers("response_wrong_signature");
    const { amount: _, createTime: __, updateTime: ___, ...tracked } = right;
    expect(body).toEqual(tracked);
    expect(signature).toMatch(/^[\w-]+\.\.[\w-]{43}$/);
    const header = JSON.parse(Buffer.from(signature.split(".")[0] ?? "", "base64url").toString());
    expect(header).toMatchObject({ alg: "HS256", kid: sandbox.credentials.hmacKid });
    await sandbox.close();
  });

  test("has the signature of the answer with the right redirect", async () => {
    const { sandbox, text, right, signature } = await answers("response_changed_redirect");
    const { hmacKey } = sandbox.credentials;
    const { url } = right.nextStep.redirect;
    const changed = `https://attacker.example${new URL(url).pathname}`;
    expect(verifyResponse({ signature, body: text, hmacKey })).toBe(false);
    expect(verifyResponse({ signature, body: text.replace(changed, url), hmacKey })).toBe(true);
    await sandbox.close();
  });

  test("has another redirect, and no other text of the merchant is changed", async () => {
    await using sandbox = await frozenSandbox();
    const redirect = { method: "get", url: "https://merchant.site/" };
    const merchantReference = JSON.stringify({ nextStep: { type: "redirect", redirect } });
    const request = { ...paymentRequest(), merchantReference };
    const { body } = await post(sandbox, "/v1/payments", request, byHeader("response_changed_redirect"));
    expect(body.merchantReference).toBe(merchantReference);
    expect(new URL(body.nextStep.redirect.url).host).toBe("attacker.example");
  });

  test.each(named)("%s: reads can have it too, over a socket, and HEAD and lists with it", async (fault) => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPayment(sandbox);
    const url = await sandbox.listen();
    for (const target of [`/v1/payments/${id}`, "/v1/payments"]) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await fetch(url + target, { method, headers: byHeader(fault) });
        const body = await answer.text();
        const type = answer.headers.get("content-type");
        expect([answer.status, type]).toEqual([
          200,
          fault === "response_html" ? "text/html; charset=utf-8" : "application/json",
        ]);
        expect(Number(answer.headers.get("content-length")) > 0).toBe(true);
        const { hmacKey } = sandbox.credentials;
        const isRight = verifyResponse({ signature: answer.headers.get("x-signature"), body, hmacKey });
        expect(isRight).toBe(method === "HEAD" && fault === "response_changed_redirect");
      }
    }
    expect((await get(sandbox, `/v1/payments/${id}`)).body.status).toBe("pending");
  });

  test("the request log has the answer as it was sent", async () => {
    const { sandbox, text } = await answers("response_changed_redirect");
    const { data } = (await get(sandbox, "/_sandbox/requests?limit=10")).body;
    const sent = data.find(({ method }: { method: string }) => method === "POST");
    expect([sent.answer, sent.scenario]).toEqual([text, { name: "response_changed_redirect", trigger: "header" }]);
    await sandbox.close();
  });

  test("a refund can have no changed redirect, because it has none", async () => {
    await using sandbox = await frozenSandbox();
    const { id } = await createPaidPayment(sandbox);
    const target = `/v1/payments/${id}/refunds`;
    const request = { merchantReference: "refund-1" };
    const refused = await post(sandbox, target, request, byHeader("response_changed_redirect"));
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, "X-Sandbox-Scenario"]);
    const queued = { scenario: { on: "refund", fault: "response_changed_redirect" } };
    expect((await post(sandbox, "/_sandbox/scenarios/next", queued)).body.errors[0].path).toBe("scenario.fault");
    const page = await post(sandbox, target, request, byHeader("response_html"));
    expect([page.status, page.text.startsWith("<!DOCTYPE html>")]).toEqual([201, true]);
    expect((await get(sandbox, `/_sandbox/payments/${id}`)).body.refunds).toMatchObject([{ status: "pending" }]);
  });
});

describe("a webhook before the response", () => {
  test("the answer waits for the attempt, and the handler can read the payment", async () => {
    const arrived = gate();
    const read: unknown[] = [];
    let url = "";
    const receiver = await startReceiver(async (response, { body }) => {
      const { payload } = JSON.parse(body);
      const answer = await fetch(`${url}/v1/payments/${payload.id}`);
      read.push(((await answer.json()) as { status: string }).status);
      arrived.open();
      response.writeHead(204).end();
    });
    await using sandbox = await frozenSandbox({ webhook: receiver.url });
    url = await sandbox.listen();
    const { status, body } = await ask(url, "webhook_before_response", "order-1001");
    await arrived.opened;
    expect([status, JSON.parse(body).status, read]).toEqual([201, "pending", ["captured"]]);
    await receiver.close();
  });

  test("the answer is sent after the maximum delay if the handler waits for it", async () => {
    const answered = gate();
    await using sandbox = await frozenSandbox({
      limits: { heldResponseMaxMs: 30 },
      webhook: async () => {
        await answered.opened;
        return new Response(null, { status: 204 });
      },
    });
    const answer = await post(sandbox, "/v1/payments", paymentRequest(), byHeader("webhook_before_response"));
    expect(answer.status).toBe(201);
    answered.open();
    await sandbox.settle();
    expect((await get(sandbox, "/_sandbox/notifications")).body.data).toMatchObject([{ state: "delivered" }]);
  });

  test("the answer does not wait without an endpoint", async () => {
    await using sandbox = await frozenSandbox({ limits: { heldResponseMaxMs: 600_000 } });
    const answer = await post(sandbox, "/v1/payments", paymentRequest(), byHeader("webhook_before_response"));
    expect([answer.status, answer.body.status]).toEqual([201, "pending"]);
  });

  test("a failed attempt ends the wait", async () => {
    await using sandbox = await frozenSandbox({
      limits: { heldResponseMaxMs: 600_000 },
      webhook: async () => new Response(null, { status: 500 }),
    });
    expect((await post(sandbox, "/v1/payments", paymentRequest(), byHeader("webhook_before_response"))).status).toBe(
      201,
    );
    expect((await get(sandbox, "/_sandbox/notifications")).body.data).toMatchObject([{ state: "retrying" }]);
  });
});
