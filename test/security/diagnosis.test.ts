import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox, signRequest } from "../../src/index.ts";
import { diagnoseSignature } from "../../src/security/doctor/doctor.ts";
import { deriveKeyPair } from "../../src/security/keys.ts";
import { DiagnosisBudget } from "../../src/services/diagnosis-budget.ts";
import { signWithJose } from "../support/jose-merchant.ts";
import { get, paymentRequest, post } from "../support/merchant.ts";

const skipped =
  "The search for the cause was skipped, because there were many wrong signatures: try again in a second.";
const stranger = deriveKeyPair("stranger", "key");
const target = "/v1/payments";

/** Sends a payment for the account, signed with these keys over another body. @returns the diagnosis. */
async function diagnosisOf(
  sandbox: Sandbox,
  keys: { readonly kid: string; readonly privateKey: string },
  { account, signedBody }: { readonly account?: string; readonly signedBody?: string } = {},
): Promise<string> {
  const body = JSON.stringify(paymentRequest(account === undefined ? {} : { account }));
  const signature = signRequest({ method: "POST", target, body: signedBody ?? body, ...keys });
  const { status, headers } = await post(sandbox, target, body, { "X-Signature": signature });
  expect(status).toBe(401);
  return headers.get("X-Sandbox-Diagnosis") ?? "";
}

describe("the search for the cause of a wrong signature", () => {
  test("is whole for one mistake, and skipped in a flood, as the diagnosis says", async () => {
    await using sandbox = await createSandbox();
    const { kid, privateKey } = sandbox.credentials;
    const indented = JSON.stringify(paymentRequest(), null, 2);
    expect(await diagnosisOf(sandbox, { kid, privateKey }, { signedBody: indented })).toContain("it was made over");
    const flood = await Promise.all(
      Array.from({ length: 40 }, () => diagnosisOf(sandbox, { kid, privateKey: stranger.privateKey })),
    );
    expect(flood[0]).toMatch(/^The signature does not match/);
    const short = flood.filter((diagnosis) => diagnosis.endsWith(skipped));
    expect(short.length).toBeGreaterThan(0);
    for (const diagnosis of short) expect(diagnosis).toMatch(/^The signature does not match/);
  });

  test("is whole whenever the control surface asks for it", async () => {
    await using sandbox = await createSandbox();
    const { kid, privateKey } = sandbox.credentials;
    const flood = () => diagnosisOf(sandbox, { kid, privateKey: stranger.privateKey });
    await Promise.all(Array.from({ length: 10 }, flood));
    const body = JSON.stringify(paymentRequest());
    const signature = signRequest({
      method: "POST",
      target,
      body: JSON.stringify(paymentRequest(), null, 2),
      kid,
      privateKey,
    });
    const answer = await post(sandbox, "/_sandbox/signature/diagnose", { method: "POST", target, body, signature });
    expect(answer.body.sentence).toContain("it was made over");
  });

  test("does a verification or two when it is skipped, and counts each when it is not", () => {
    const { publicKey } = deriveKeyPair("merchant", "key");
    const credentials = Array.from({ length: 9 }, (_, at) => ({ kid: `kid-${at}`, merchantId: "merchant", publicKey }));
    const body = Buffer.from(JSON.stringify(paymentRequest()));
    const request = { method: "POST", target, body };
    const signature = signRequest({ ...request, kid: "kid-0", privateKey: stranger.privateKey });
    const verificationsFor = (verificationsMax: number) => {
      let spent = 0;
      const onVerified = (verifications: number) => {
        spent += verifications;
      };
      diagnoseSignature(signature, request, {
        nowMs: Date.now(),
        credentials,
        hmacKeys: [],
        verificationsMax,
        onVerified,
      });
      return spent;
    };
    expect(verificationsFor(0)).toBe(0);
    expect(verificationsFor(100)).toBe(100 + 8);
  });
});

describe("a merchant whose clock is that of the world and not the real one", () => {
  const worldTime = "2024-02-29T12:00:00.000Z";
  const exp = Date.parse(worldTime) / 1000 + 60;
  const frozen = `it fits the clock of the world (${worldTime}), but not real time`;

  /** A request that is signed under a clock that shows the world's time. */
  async function signedThen({ kid, privateKey }: { readonly kid: string; readonly privateKey: string }, body: string) {
    return signWithJose({ method: "POST", target, body, kid, privateKey, header: { exp } });
  }

  test("reads in the diagnosis that it is frozen, and what to do", async () => {
    await using sandbox = await createSandbox({ clock: worldTime });
    const body = JSON.stringify(paymentRequest());
    const signature = await signedThen(sandbox.credentials, body);
    const { status, headers } = await post(sandbox, target, body, { "X-Signature": signature });
    expect(status).toBe(401);
    expect(headers.get("X-Sandbox-Diagnosis")).toContain(frozen);
    expect(headers.get("X-Sandbox-Diagnosis")).toContain("take exp from the real clock");
    const direct = await post(sandbox, "/_sandbox/signature/diagnose", { method: "POST", target, body, signature });
    expect(direct.body.sentence).toContain(frozen);
    const [logged] = (await get(sandbox, "/_sandbox/requests")).body.data;
    expect(logged.diagnosis).toContain(frozen);
  });

  test("reads it also for a request that names no world", async () => {
    await using sandbox = await createSandbox({ clock: worldTime });
    const signature = await signWithJose({ method: "GET", target, ...sandbox.credentials, header: { exp } });
    const { headers } = await get(sandbox, target, { "X-Signature": signature });
    expect(headers.get("X-Sandbox-Diagnosis")).toContain(frozen);
  });

  test("reads nothing of the clock of another merchant's world", async () => {
    await using sandbox = await createSandbox();
    const other = (await post(sandbox, "/_sandbox/worlds", { clock: worldTime })).body;
    const body = JSON.stringify(paymentRequest());
    const signature = await signedThen(sandbox.credentials, body);
    const { headers } = await post(sandbox, target, body, { "X-Signature": signature });
    expect(headers.get("X-Sandbox-Diagnosis")).toMatch(/^exp is \d+ s in the past: sign each request/);
    const own = JSON.stringify(paymentRequest({ account: other.processingAccountId }));
    const signedByOther = await signedThen(other, own);
    const answer = await post(sandbox, target, own, { "X-Signature": signedByOther });
    expect(answer.headers.get("X-Sandbox-Diagnosis")).toContain(frozen);
  });

  test("reads nothing of it while the world has real time", async () => {
    await using sandbox = await createSandbox();
    const body = JSON.stringify(paymentRequest());
    const signature = await signedThen(sandbox.credentials, body);
    const { headers } = await post(sandbox, target, body, { "X-Signature": signature });
    expect(headers.get("X-Sandbox-Diagnosis")).toMatch(/^exp is \d+ s in the past: sign each request/);
  });
});

describe("the budget of the diagnoses", () => {
  const budgetAt = (time: number) => {
    const clock = { time, steady: () => clock.time };
    return { clock, budget: new DiagnosisBudget(clock) };
  };

  test("holds 1,000 verifications, and gets 1,000 a second", () => {
    const { clock, budget } = budgetAt(5_000);
    expect([budget.has(1_000), budget.has(1_001)]).toEqual([true, false]);
    budget.spend(1_000);
    expect(budget.has(1)).toBe(false);
    clock.time += 250;
    expect([budget.has(250), budget.has(251)]).toEqual([true, false]);
    clock.time += 3_600_000;
    expect([budget.has(1_000), budget.has(1_001)]).toEqual([true, false]);
  });

  test("allows 1,000 verifications a second in the long run, however they are asked for", () => {
    const { clock, budget } = budgetAt(0);
    let spent = 0;
    for (let ms = 0; ms < 60_000; ms += 10) {
      clock.time = ms;
      if (!budget.has(500)) continue;
      budget.spend(500);
      spent += 500;
    }
    expect(spent).toBeLessThanOrEqual(61_000);
    expect(spent).toBeGreaterThan(55_000);
  });

  test("pays for a longer search afterwards, for a second at most", () => {
    const { clock, budget } = budgetAt(0);
    budget.spend(50_000);
    clock.time += 1_000;
    expect([budget.has(0), budget.has(1)]).toEqual([true, false]);
  });
});

describe("keys of other merchants", () => {
  interface Keys {
    readonly processingAccountId: string;
    readonly kid: string;
    readonly privateKey: string;
    readonly hmacKid: string;
  }

  async function twoMerchants(sandbox: Sandbox): Promise<[Keys, Keys]> {
    const open = async () => (await post(sandbox, "/_sandbox/worlds", {})).body as Keys;
    return [await open(), await open()];
  }
  const unknownKid = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";

  test.each<[string, (a: Keys, b: Keys) => { kid: string; privateKey: string }]>([
    ["an unknown key", () => ({ kid: unknownKid, privateKey: stranger.privateKey })],
    ["the caller's key, and a signature with another merchant's", (a, b) => ({ kid: a.kid, privateKey: b.privateKey })],
    [
      "an unknown key, and a signature with another merchant's",
      (_, b) => ({ kid: unknownKid, privateKey: b.privateKey }),
    ],
    ["another merchant's key in lower case", (_, b) => ({ kid: b.kid.toLowerCase(), privateKey: stranger.privateKey })],
  ])("are not named in the 401 to %s", async (_, keysOf) => {
    await using sandbox = await createSandbox();
    const [a, b] = await twoMerchants(sandbox);
    for (const account of [a.processingAccountId, "2HdN2jq6XWmlkhqRC2gDTNYCvNH"]) {
      const diagnosis = await diagnosisOf(sandbox, keysOf(a, b), { account });
      for (const kid of [b.kid, b.hmacKid]) expect(diagnosis).not.toContain(kid);
    }
  });

  test("are not listed for an unknown key, whatever world the request names", async () => {
    await using sandbox = await createSandbox();
    const [a, b] = await twoMerchants(sandbox);
    const keys = { kid: unknownKid, privateKey: stranger.privateKey };
    const diagnosis = await diagnosisOf(sandbox, keys, { account: b.processingAccountId });
    expect(diagnosis).toContain("use the kid that GET /_sandbox/credentials shows for your world");
    for (const { kid } of [a, b, sandbox.credentials]) expect(diagnosis).not.toContain(kid);
  });

  test("are named to who signs with them", async () => {
    await using sandbox = await createSandbox();
    const [a] = await twoMerchants(sandbox);
    const keys = { kid: unknownKid, privateKey: a.privateKey };
    expect(await diagnosisOf(sandbox, keys, { account: a.processingAccountId })).toContain(`set kid to "${a.kid}"`);
  });

  test("are not shown in the request log of a world, though their owner's own log shows them", async () => {
    await using sandbox = await createSandbox();
    const [a, b] = await twoMerchants(sandbox);
    const logOf = async ({ processingAccountId }: Keys) =>
      (await get(sandbox, `/_sandbox/requests?processingAccountId=${processingAccountId}`)).body.data;
    const keys = { kid: b.kid, privateKey: stranger.privateKey };
    expect(await diagnosisOf(sandbox, keys, { account: a.processingAccountId })).toContain(b.kid);
    const [logged] = await logOf(a);
    expect(logged.diagnosis).toContain("The signature does not match");
    expect(JSON.stringify(logged)).not.toContain(b.kid);
    await diagnosisOf(sandbox, keys, { account: b.processingAccountId });
    expect((await logOf(b))[0].diagnosis).toContain(b.kid);
  });
});
