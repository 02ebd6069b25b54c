import { describe, expect, test } from "vitest";
import { allowedLogos, logoMaxBytes } from "../../src/domain/logo.ts";
import { ConfigError, createSandbox, type Sandbox } from "../../src/index.ts";
import { jpeg, png, pngBytes, pngOfSize } from "../support/logos.ts";
import { answerOf, createPaidPayment, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { putBack, snapshotOf } from "../support/snapshots.ts";

const account = "0ujtsYcgvSTl8PAuAdqWYSMnLOv";
const other = "0ujssxh0cECutqzMgbtXSGnjorm";
const [red, blue] = [png([200, 40, 40]), png([40, 40, 200])];

const target = (id: string) => `/_sandbox/worlds/${id}`;

async function change(sandbox: Sandbox, merchantLogo: unknown, id = sandbox.processingAccountId) {
  const body = JSON.stringify({ settings: { merchantLogo } });
  return answerOf(await sandbox.fetch(target(id), { method: "PATCH", body }));
}

const logoOf = async (sandbox: Sandbox, id = sandbox.processingAccountId): Promise<string | undefined> =>
  (await get(sandbox, target(id))).body.settings.merchantLogo;

/** Status of the response at an address. */
const statusOf = async (sandbox: Sandbox, address: unknown) => (await sandbox.fetch(String(address))).status;

/** Address of the logo on the page of a new payment; `undefined` if the page has initials. */
async function shownLogo(sandbox: Sandbox, id = sandbox.processingAccountId): Promise<string | undefined> {
  const { text } = await get(sandbox, (await createPayment(sandbox, { account: id })).nextStep.redirect.url);
  expect(text).toMatch(/class="avatar[" ]/);
  return /<img class="avatar" src="([^"]*)" alt="">/.exec(text)?.[1];
}

describe("a logo", () => {
  test.each([
    ["PNG", png(), "image/png"],
    ["JPEG", jpeg(), "image/jpeg"],
    ["PNG of the maximum size", pngOfSize(logoMaxBytes), "image/png"],
  ])("can be a %s: it has an address of its own, which browsers keep", async (_, dataUrl, type) => {
    await using sandbox = await frozenSandbox();
    const { status, body } = await change(sandbox, dataUrl);
    const address: string = body.settings.merchantLogo;
    expect([status, address]).toEqual([200, expect.stringMatching(/^\/logos\/[0-9a-f]{64}\.(png|jpg)$/)]);
    const response = await sandbox.fetch(address);
    expect(`data:${type};base64,${Buffer.from(await response.arrayBuffer()).toString("base64")}`).toBe(dataUrl);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      "content-security-policy": "default-src 'none'",
      "x-content-type-options": "nosniff",
    });
    const headers = { "If-None-Match": response.headers.get("etag") ?? "" };
    expect((await sandbox.fetch(address, { headers })).status).toBe(304);
  });

  const content = pngBytes().toString("base64");
  test.each<[unknown, string]>([
    [7, "is 7"],
    [true, "is true"],
    ["", 'is ""'],
    ["logo.png", 'is "logo.png"'],
    ["https://merchant.example/logo.png", 'is "https://merchant.example/logo.png"'],
    ["x".repeat(100_000), `is "${"x".repeat(60)}…"`],
    ["data:image/svg+xml;base64,PHN2Zy8+", "is a data URL of the type image/svg+xml"],
    ["data:image/svg+xml,<svg onload='alert(1)'/>", "is a data URL of the type image/svg+xml"],
    ["data:image/gif;base64,R0lGODlhAQABAAAAACw=", "is a data URL of the type image/gif"],
    [`data:;base64,${content}`, "is a data URL of the type "],
    ["data:image/png,%89PNG", "is a data URL of the type image/png without valid base64"],
    [`data:image/png;base64,${content.slice(1)}`, "is a data URL of the type image/png without valid base64"],
    [`data:image/png;base64,${content} `, "is a data URL of the type image/png without valid base64"],
    ["data:image/png;base64,", "is a data URL of the type image/png whose bytes are no PNG or JPEG image"],
    [
      `data:image/png;base64,${Buffer.from("<svg/>").toString("base64")}`,
      "is a data URL of the type image/png whose bytes are no PNG or JPEG image",
    ],
    [`data:image/jpeg;base64,${content}`, "is a data URL of the type image/jpeg whose bytes are of the type image/png"],
    [pngOfSize(logoMaxBytes + 1), `is an image of ${logoMaxBytes + 1} bytes`],
  ])("cannot be another value (%#)", async (value, problem) => {
    await using sandbox = await frozenSandbox();
    const before = await change(sandbox, red);
    const settings = { merchantLogo: value };
    const complaint = `${problem}; expected ${allowedLogos}`;
    for (const { status, body } of [
      await change(sandbox, value),
      await post(sandbox, "/_sandbox/worlds", { processingAccountId: account, settings }),
    ]) {
      expect([status, body.errors]).toEqual([
        400,
        [expect.objectContaining({ path: "settings.merchantLogo", description: expect.stringContaining(complaint) })],
      ]);
      expect(JSON.stringify(body).length).toBeLessThan(1000);
    }
    expect(await logoOf(sandbox)).toBe(before.body.settings.merchantLogo);
    expect((await get(sandbox, target(account))).status).toBe(404);
    await expect(createSandbox({ settings: settings as object })).rejects.toThrow(ConfigError);
  });

  test("cannot be the address of a logo that the sandbox does not have", async () => {
    await using sandbox = await frozenSandbox();
    const address = `/logos/${"0".repeat(64)}.png`;
    for (const { status, body } of [
      await change(sandbox, address),
      await post(sandbox, "/_sandbox/worlds", { settings: { merchantLogo: address } }),
    ]) {
      expect([status, body.errors[0].path]).toEqual([400, "settings.merchantLogo"]);
    }
    expect(await statusOf(sandbox, address)).toBe(404);
    for (const path of ["/logos/x", "/logos/..%2Fassets%2Fmark.svg", "/logos/__proto__"]) {
      expect(await statusOf(sandbox, path)).toBe(404);
    }
  });

  test("is on every page of a payment, and never inside it", async () => {
    await using sandbox = await frozenSandbox();
    const waiting = (await createPayment(sandbox)).nextStep.redirect.url;
    const paid = (await createPaidPayment(sandbox)).nextStep.redirect.url;
    const { merchantLogo } = (await change(sandbox, pngOfSize(logoMaxBytes))).body.settings;
    for (const page of [waiting, `${waiting}?view=wallet`, `${waiting}?wallet=here`, `${paid}?view=qr`, paid]) {
      const { text } = await get(sandbox, page);
      expect(text).toContain(`<img class="avatar" src="${merchantLogo}" alt="">`);
      expect(text).not.toContain("data:image");
      expect(text).not.toContain('<span class="avatar');
      expect(Buffer.byteLength(text)).toBeLessThan(20_000);
    }
  });

  test("is replaced by initials when it is removed", async () => {
    await using sandbox = await frozenSandbox();
    const address = (await change(sandbox, red)).body.settings.merchantLogo;
    expect(await shownLogo(sandbox)).toBe(address);
    const { status, body } = await change(sandbox, null);
    expect([status, body.settings.merchantLogo]).toEqual([200, undefined]);
    expect(await shownLogo(sandbox)).toBeUndefined();
    expect(await statusOf(sandbox, address)).toBe(404);
  });

  test("settings that were read can be sent back", async () => {
    await using sandbox = await frozenSandbox();
    await change(sandbox, red);
    const { settings } = (await get(sandbox, target(sandbox.processingAccountId))).body;
    const back = await change(sandbox, settings.merchantLogo);
    expect([back.status, back.body.settings]).toEqual([200, settings]);
    const world = await sandbox.world({ settings: { merchantLogo: red } });
    expect(await world.change(await world.settings())).toEqual(await world.settings());
    expect((await world.change({ merchantLogo: null })).merchantLogo).toBeUndefined();
    expect(await logoOf(sandbox)).toBe(settings.merchantLogo);
  });
});

describe("a stored logo", () => {
  test("is stored once, and removed with the last world that uses it", async () => {
    await using sandbox = await frozenSandbox();
    for (const processingAccountId of [account, other])
      await post(sandbox, "/_sandbox/worlds", { processingAccountId, settings: { merchantLogo: red } });
    const address = await logoOf(sandbox, account);
    expect(await logoOf(sandbox, other)).toBe(address);
    for (const [id, status] of [
      [account, 200],
      [other, 404],
    ] as const) {
      await sandbox.fetch(target(id), { method: "DELETE" });
      expect(await statusOf(sandbox, address)).toBe(status);
    }
  });

  test("with which a world was opened stays, because a reset restores it", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: account, settings: { merchantLogo: red } });
    const first = await logoOf(sandbox, account);
    const second = (await change(sandbox, blue, account)).body.settings.merchantLogo;
    expect([await statusOf(sandbox, first), await statusOf(sandbox, second)]).toEqual([200, 200]);
    await post(sandbox, "/_sandbox/reset", { processingAccountId: account });
    expect(await shownLogo(sandbox, account)).toBe(first);
    expect([await statusOf(sandbox, first), await statusOf(sandbox, second)]).toEqual([200, 404]);
  });

  test("is in the snapshot, also that of the opening, and is restored in another sandbox", async () => {
    await using sandbox = await frozenSandbox();
    await post(sandbox, "/_sandbox/worlds", { processingAccountId: account, settings: { merchantLogo: red } });
    await change(sandbox, blue, account);
    const { body } = await snapshotOf(sandbox, account);
    expect([body.settings.merchantLogo, body.opening.settings.merchantLogo]).toEqual([blue, red]);
    await using elsewhere = await frozenSandbox();
    await post(elsewhere, "/_sandbox/worlds", { processingAccountId: account });
    expect((await putBack(elsewhere, body)).status).toBe(200);
    expect(await shownLogo(elsewhere, account)).toBe(await logoOf(sandbox, account));
    expect((await snapshotOf(elsewhere, account)).body.opening.settings.merchantLogo).toBe(red);
    await post(elsewhere, "/_sandbox/reset", { processingAccountId: account });
    expect(await statusOf(elsewhere, await shownLogo(elsewhere, account))).toBe(200);
  });

  test("that a snapshot names but the sandbox does not have refuses the snapshot", async () => {
    await using sandbox = await frozenSandbox();
    await change(sandbox, red);
    const before = (await snapshotOf(sandbox)).text;
    const { body } = await snapshotOf(sandbox);
    body.settings.merchantLogo = `/logos/${"0".repeat(64)}.png`;
    const { status, body: refused } = await putBack(sandbox, body);
    expect([status, refused.errors[0].path]).toEqual([400, "settings.merchantLogo"]);
    expect((await snapshotOf(sandbox)).text).toBe(before);
  });
});

describe("a logo of the configuration", () => {
  const merchant = { merchantId: "harbour", processingAccountIds: [other] as [string] };

  test("is the default of every world, also of one that a payment opens, and stays after a reset", async () => {
    await using sandbox = await frozenSandbox({ settings: { merchantLogo: red } });
    const address = await logoOf(sandbox);
    for (const id of [sandbox.processingAccountId, account]) expect(await shownLogo(sandbox, id)).toBe(address);
    await change(sandbox, null);
    await sandbox.fetch(target(account), { method: "DELETE" });
    expect(await statusOf(sandbox, address)).toBe(200);
    await sandbox.reset();
    for (const id of [sandbox.processingAccountId, account]) expect(await shownLogo(sandbox, id)).toBe(address);
    expect(await statusOf(sandbox, address)).toBe(200);
  });

  test("of a merchant is that of its worlds only, also after a reset", async () => {
    await using sandbox = await frozenSandbox({ merchants: [{ ...merchant, merchantLogo: blue }] });
    const address = await logoOf(sandbox, other);
    expect(await statusOf(sandbox, address)).toBe(200);
    expect(await logoOf(sandbox)).toBeUndefined();
    await change(sandbox, null, other);
    await post(sandbox, "/_sandbox/reset", { processingAccountId: other });
    expect(await logoOf(sandbox, other)).toBe(address);
    await post(sandbox, "/_sandbox/reset", { all: true });
    expect([await logoOf(sandbox, other), await statusOf(sandbox, address)]).toEqual([address, 200]);
  });

  test("of a merchant must be an image", async () => {
    const options = { merchants: [{ ...merchant, merchantLogo: "data:image/svg+xml;base64,PHN2Zy8+" }] };
    await expect(createSandbox(options)).rejects.toThrow(
      "The option merchants[0].merchantLogo is a data URL of the type image/svg+xml; expected a PNG or JPEG image of",
    );
  });
});

test("initials have the same colour for the same name, and another one for most other names", async () => {
  await using sandbox = await frozenSandbox();
  const classOf = async (merchantName: string) => {
    await sandbox.change({ merchantName });
    const { text } = await get(sandbox, (await createPayment(sandbox)).nextStep.redirect.url);
    return /<span class="avatar (hue-\d)"/.exec(text)?.[1];
  };
  expect(await classOf("Harbour Coffee")).toBe(await classOf("Harbour Coffee"));
  const classes = new Set<string | undefined>();
  for (const name of ["Demo merchant", "Harbour Coffee", "Peak Books", "海港咖啡", "Tram Toys", "Lotus", "A"]) {
    classes.add(await classOf(name));
  }
  expect(classes).not.toContain(undefined);
  expect(classes.size).toBeGreaterThan(4);
});
