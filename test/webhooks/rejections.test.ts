import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/index.ts";
import { paymentPage, textsOf } from "../inspector/reading.ts";
import { createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { startReceiver } from "../support/receiver.ts";

/** The diagnoses of the attempts for a payment, as the inspector and the control API show them. */
async function diagnosesOf(sandbox: Sandbox, id: string): Promise<(string | undefined)[]> {
  const { data } = (await get(sandbox, `/_sandbox/notifications?paymentId=${id}`)).body;
  const { attempts } = (await get(sandbox, `/_sandbox/notifications/${data[0].id}`)).body;
  const inList: (string | undefined)[] = data[0].attempts.map(({ diagnosis }: { diagnosis?: string }) => diagnosis);
  expect(attempts.map(({ diagnosis }: { diagnosis?: string }) => diagnosis)).toEqual(inList);
  const { timeline } = (await get(sandbox, `/_sandbox/payments/${id}`)).body;
  const lines = timeline.filter(({ kind }: { kind: string }) => kind === "attempt");
  expect(lines.map(({ diagnosis }: { diagnosis?: string }) => diagnosis)).toEqual(inList);
  const shown = inList.filter((diagnosis) => diagnosis !== undefined);
  expect(textsOf(await paymentPage(sandbox, id), "diagnosis")).toEqual(shown);
  return inList;
}

/** The diagnosis of the first attempt for a paid payment. */
async function diagnosisOf(
  answer: () => Response,
  { webhook, change, ...options }: SandboxOptions & { readonly change?: (sandbox: Sandbox) => Promise<unknown> } = {},
): Promise<string | undefined> {
  await using sandbox = await frozenSandbox({ webhook: webhook ?? (async () => answer()), ...options });
  await change?.(sandbox);
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  const [diagnosis] = await diagnosesOf(sandbox, id);
  return diagnosis;
}

const refuse =
  (body = "", status = 401, headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { status, headers });

describe("the timeline shows the likeliest cause if an endpoint refuses a webhook", () => {
  test.each([401, 403])("with %i: the key that was decoded, and what else may be", async (status) => {
    const diagnosis = await diagnosisOf(refuse("invalid signature", status));
    expect(diagnosis).toMatch(/^The signature was right when it was sent\. Your program probably decodes the key/);
    expect(diagnosis).toContain("take the UTF-8 bytes of its text");
    expect(diagnosis).toContain("after a parser has read it");
    expect(diagnosis).toContain("doctor webhook");
  });

  test.each([200, 204, 302, 400, 404, 419, 500, 503])("but not with %i", async (status) => {
    expect(await diagnosisOf(refuse("", status === 204 ? 200 : status))).toBeUndefined();
  });

  test("and not without a response", async () => {
    const fail = () => {
      throw new Error("no");
    };
    expect(await diagnosisOf(fail)).toBeUndefined();
  });

  test.each<[string, () => Response, RegExp]>([
    [
      "about exp",
      refuse('{"error":"signature has expired"}'),
      /compares exp with milliseconds.*exp is .*world's clock/,
    ],
    ["about aud", refuse("wrong audience"), /compares aud with another name of your server.*it is exactly "http/],
    ["about CSRF", refuse("Forbidden: CSRF verification failed", 403), /about CSRF, not about the signature: exempt/],
    [
      "that asks for a login",
      refuse("", 401, { "WWW-Authenticate": 'Basic realm="staging"' }),
      /asks for a login \(WWW-Authenticate: "Basic realm=\\"staging\\""\)/,
    ],
  ])("from a response %s", async (_name, answer, words) => {
    expect(await diagnosisOf(answer)).toMatch(words);
  });

  test("from a world whose clock is ahead of the real one", async () => {
    const diagnosis = await diagnosisOf(refuse(), { clock: "2149-01-05T09:00:00.000Z" });
    expect(diagnosis).toMatch(
      /in seconds of real time\. exp is 20\d\d-.*, and the world's clock was at 2149-01-05T09:00/,
    );
  });

  test("from two signatures during a key rotation", async () => {
    const rotate = (sandbox: Sandbox) => sandbox.keys.rotate({ overlap: "PT1H" });
    const diagnosis = await diagnosisOf(refuse(), { change: rotate });
    expect(diagnosis).toMatch(/takes the 2 signatures in X-Signature.* split the value at the commas/);
  });

  test("from a URL that libraries write in another way", async () => {
    const receiver = await startReceiver((response) => response.writeHead(401).end());
    const bare = receiver.url.replace("/webhooks", "");
    const diagnosis = await diagnosisOf(refuse(), { webhook: bare });
    expect(diagnosis).toContain(`such as "${bare}/": it is exactly "${bare}"`);
    await receiver.close();
  });

  test("from a URL with a name of this machine, besides the key", async () => {
    const receiver = await startReceiver((response) => response.writeHead(403).end());
    const diagnosis = await diagnosisOf(refuse(), { webhook: receiver.url });
    expect(diagnosis).toMatch(/decodes the key/);
    expect(diagnosis).toContain(`"${receiver.url.replace("127.0.0.1", "localhost")}"`);
    await receiver.close();
  });
});

describe("the timeline says that a scenario made the signature wrong", () => {
  test.each([
    ["bad_signature", 8888.24],
    ["expired_signature", 8888.25],
  ])("%s: in the first attempt only", async (scenario, amount) => {
    await using sandbox = await frozenSandbox({ webhook: async () => new Response("", { status: 401 }) });
    const { id } = await createPayment(sandbox, { amount });
    await sandbox.clock.advance("PT5M");
    const diagnoses = await diagnosesOf(sandbox, id);
    expect(diagnoses.length).toBeGreaterThan(1);
    expect(diagnoses[0]).toMatch(new RegExp(`^The scenario ${scenario} .*your endpoint is right to refuse it\\.$`));
    for (const later of diagnoses.slice(1)) expect(later).not.toContain("scenario");
  });
});

test("the causes are worked out on read, also for attempts in a snapshot whose headers are no signatures", async () => {
  await using sandbox = await frozenSandbox({ webhook: async () => new Response("exp", { status: 401 }) });
  const { id } = await createPaidPayment(sandbox);
  await sandbox.settle();
  const snapshot = await sandbox.snapshot();
  expect(JSON.stringify(snapshot)).not.toContain('diagnosis":"The signature was right');
  const encoded = Buffer.from('{"alg":"HS256","exp":1e300}').toString("base64url");
  const changed = JSON.stringify(snapshot).replace(/"x-signature","[^"]*"/, `"x-signature","${encoded}..AA"`);
  expect((await post(sandbox, "/_sandbox/reset", {})).status).toBe(200);
  const restored = await sandbox.fetch("/_sandbox/snapshot", { method: "PUT", body: changed });
  expect(restored.status).toBe(200);
  expect((await diagnosesOf(sandbox, id))[0]).toContain("compares exp");
});
