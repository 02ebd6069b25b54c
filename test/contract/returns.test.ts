import { describe, expect, test } from "vitest";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/index.ts";
import { frozenSandbox, get, paymentRequest, post } from "../support/merchant.ts";
import { levels, type StagedWorld } from "./levels.ts";

type Contract = NonNullable<NonNullable<SandboxOptions["settings"]>["contract"]>;
type Act = "pay" | "cancel" | "expire" | "fail" | "decline";

const returnUrl = "https://merchant.site/back?order=1#done";
const parameters = [
  { name: "payment", value: "{id}" },
  { name: "ref", value: "no. {merchantReference}" },
  { name: "result", value: "{status}/{status}" },
  { name: "fixed", value: "a&b=c +{" },
];

const unescaped = (html = "") =>
  html
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

/** The way back of a result page: `GET url`, or `POST url` with the fields. */
function wayBackOf(text: string): string {
  const form = /<form method="post" action="([^"]*)">(.*?)<\/form>/s.exec(text);
  if (form === null) {
    const [, href] = /data-testid="back-to-merchant" href="([^"]*)"/.exec(text) ?? [];
    const [, refresh = href] = /http-equiv="refresh" content="\d+;url=([^"]*)"/.exec(text) ?? [];
    expect(refresh).toBe(href);
    return href === undefined ? "never" : `GET ${unescaped(href)}`;
  }
  expect(form[2]).toContain('data-testid="back-to-merchant"');
  expect(text).not.toContain('http-equiv="refresh"');
  const fields = [...(form[2] ?? "").matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return [`POST ${unescaped(form[1])}`, ...fields.map(([, ...pair]) => pair.map(unescaped).join("="))].join("\n");
}

const staged = (sandbox: Sandbox) => Object.assign(sandbox, { order: paymentRequest });

/** Creates and ends a payment. @returns its id and the way back of its result page. */
async function wayBack(
  world: StagedWorld,
  act: Act = "pay",
  { url = returnUrl, returns }: { readonly url?: string; readonly returns?: "never" | "lying" | "by_post" } = {},
) {
  const order = { ...world.order({ returnUrl: url }), merchantReference: "1 001/é&" };
  const { body } = await post(world, "/v1/payments", order);
  await world.payments.act(body.id, act, returns === undefined ? {} : { return: returns });
  const page = new URL(body.nextStep.redirect.url).pathname;
  const { text, headers } = await get(world, `${page}?view=qr`);
  const policy = /form-action ([^;]*)/.exec(headers.get("content-security-policy") ?? "")?.[1];
  return { back: wayBackOf(text).replaceAll(body.id, "ID"), policy, page };
}

const query = "payment=ID&ref=no.%201%20001%2F%C3%A9%26&result=captured%2Fcaptured&fixed=a%26b%3Dc%20%2B%7B";
const fields = "payment=ID\nref=no. 1 001/é&\nresult=captured/captured\nfixed=a&b=c +{";

describe.each(levels)("set $level", ({ open }) => {
  test.each<[Contract, string]>([
    [{ returnMethod: "get" }, `GET ${returnUrl}`],
    [{ returnMethod: "post" }, `POST ${returnUrl}`],
    [{ returnParameters: "none" }, `GET ${returnUrl}`],
    [{ returnParameters: [] }, `GET ${returnUrl}`],
    [{ returnParameters: parameters }, `GET https://merchant.site/back?order=1&${query}#done`],
    [{ returnMethod: "post", returnParameters: parameters }, `POST ${returnUrl}\n${fields}`],
  ])("with %j the browser returns: %s", async (contract, way) => {
    const world = await open(contract);
    const { back, policy } = await wayBack(world);
    expect(back).toBe(way);
    expect(policy).toBe(way.startsWith("POST") ? "'self' http: https:" : "'self'");
  });

  test("the status of the return is the provider's word under the profile", async () => {
    const returnParameters = [{ name: "status", value: "{status}" }];
    const statuses = { paidStatus: "approved", cancelledStatus: "cancelled", expiredStatus: "failed" } as const;
    const world = await open({ ...statuses, failedStatus: "rejected", returnParameters });
    const acts = ["pay", "cancel", "expire", "fail", "decline"] as const;
    const backs = [];
    for (const act of acts) backs.push((await wayBack(world, act, { url: "https://merchant.site" })).back);
    expect(backs).toEqual(
      ["approved", "cancelled", "failed", "rejected", "declined"].map(
        (status) => `GET https://merchant.site?status=${status}`,
      ),
    );
  });
});

const app = "myapp://orders/1001?x=%20+#done";
/** Addresses that only the value `custom` allows. */
const appAddresses = [
  ...[
    app,
    "myapp://",
    "MyApp://x",
    "com.shop.app:/done",
    "shop+pay:done",
    "x-1.y:a@b",
    "javascript2://x",
    "dat://訂單",
  ],
];
const webAddresses = ["https://merchant.site/back?a=b", "HTTP://localhost:3000/#x"];
/** Addresses that no value allows. */
const neverAllowed = [
  ...["javascript:alert(1)", "JavaScript://merchant.site/%0aalert(1)", "DATA:text/html,x", "vbScript:x"],
  ...["file:///etc/passwd", "FILE://x", "blob:https://merchant.site/1", "about:blank", "About:srcdoc"],
  ...["my app://x", " myapp://x", "\tjavascript:alert(1)", "java\nscript:alert(1)", "myapp://x\u0000", "myapp://x y"],
  ...["my\u00adapp://x", "1app://x", "://x", "myapp", "myapp:", "//merchant.site", "/back", "", "java%73cript:x"],
  ...["https:merchant.site", "https://", "https://user@merchant.site/", "http:///", "javaſcript:x", "\u0001myapp://x"],
];

describe.each(levels)("set $level", ({ open }) => {
  test.each([
    ["http_https", webAddresses, [...appAddresses, ...neverAllowed]],
    ["custom", [...webAddresses, ...appAddresses], neverAllowed],
  ] as const)("with returnSchemes %s, these and no other addresses are accepted: %j", async (value, right, wrong) => {
    const world = await open({ returnSchemes: value, createMembers: ["paymentMethod"] });
    const allowed =
      value === "custom"
        ? "an absolute http or https URL, or a URL with an app's own scheme, which is never javascript, data, " +
          "vbscript, file, blob or about"
        : "an absolute http or https URL";
    for (const returnUrl of right) {
      const { status, body } = await post(world, "/v1/payments", world.order({ returnUrl }));
      expect([returnUrl, status, body.paymentMethod?.alipayHk.returnUrl]).toEqual([returnUrl, 201, returnUrl]);
    }
    for (const returnUrl of wrong) {
      const { status, body } = await post(world, "/v1/payments", world.order({ returnUrl }));
      expect([returnUrl, status, body.errors[0].path]).toEqual([returnUrl, 400, "paymentMethod.alipayHk.returnUrl"]);
      if (/^https?:\/\/user|\s|\p{Cc}/u.test(returnUrl)) continue;
      expect(body.errors[0].description).toBe(`paymentMethod.alipayHk.returnUrl must be ${allowed}.`);
    }
  });

  test.each<[Contract, "lying" | "by_post" | undefined, string]>([
    [{}, undefined, `GET ${app}`],
    [{ returnMethod: "post" }, undefined, `GET ${app}`],
    [{}, "by_post", `GET ${app}`],
    [{ returnMethod: "post", returnParameters: parameters }, undefined, `GET myapp://orders/1001?x=%20+&${query}#done`],
    [{}, "lying", "GET myapp://orders/1001?x=%20+&status=captured&amount=200#done"],
  ])("an app is opened by GET, with %j and the return %s: %s", async (contract, returns, way) => {
    const world = await open({ ...contract, returnSchemes: "custom" });
    const { back, page, policy } = await wayBack(world, "pay", { url: app, ...(returns && { returns }) });
    expect([back, policy]).toEqual([way, "'self'"]);
    const { text } = await get(world, `${page}?view=qr`);
    expect(text).toContain("Open the app of");
    expect(text).toContain("If nothing opens, use the button.");
    expect((await get(world, `${page}?view=qr&stay=yes`)).text).toContain("If nothing opens, use the button.");
  });
});

test("with returnSchemes custom, the merchant may answer the POST with a redirect to an app", async () => {
  await using sandbox = await frozenSandbox({
    settings: { contract: { returnMethod: "post", returnSchemes: "custom" } },
  });
  expect(await wayBack(staged(sandbox))).toMatchObject({ back: `POST ${returnUrl}`, policy: undefined });
});

test("the OpenAPI document has the pattern of the addresses that are allowed", async () => {
  for (const returnSchemes of ["http_https", "custom"] as const) {
    await using sandbox = await createSandbox({ settings: { contract: { returnSchemes } } });
    const { components } = (await get(sandbox, "/openapi.json")).body;
    const { paymentMethod } = components.schemas.CreatePayment.properties;
    const pattern = new RegExp(paymentMethod.properties.alipayHk.properties.returnUrl.pattern, "u");
    const wrong = neverAllowed.filter((address) => !["https://", "http:///"].includes(address));
    expect([...webAddresses, ...appAddresses].filter((address) => pattern.test(address))).toEqual(
      returnSchemes === "custom" ? [...webAddresses, ...appAddresses] : webAddresses,
    );
    expect(wrong.filter((address) => pattern.test(address))).toEqual([]);
  }
});

test("a payment with an app's address survives a snapshot and a change of the profile", async () => {
  await using sandbox = await frozenSandbox({ settings: { contract: { returnSchemes: "custom" } } });
  const { page } = await wayBack(staged(sandbox), "pay", { url: app });
  await sandbox.change({ contract: null });
  const snapshot = await sandbox.snapshot();
  await sandbox.restore(snapshot);
  expect(wayBackOf((await get(sandbox, `${page}?view=qr`)).text)).toBe(`GET ${app}`);
  const refused = { ...staged(sandbox).order({ returnUrl: app }) };
  expect((await post(sandbox, "/v1/payments", refused)).status).toBe(400);
  const script = JSON.parse(JSON.stringify(snapshot).replaceAll(app, "javascript:alert(1)"));
  await expect(sandbox.restore(script)).rejects.toThrow("returnUrl must be an absolute http or https URL, or a URL");
});

describe("a return that goes wrong has priority over the profile", () => {
  const status = [{ name: "status", value: "{status}" }];
  const order = [{ name: "order", value: "{merchantReference}/{status}" }];
  test.each<[Contract, "never" | "lying" | "by_post", string]>([
    [{ returnMethod: "post", returnParameters: status }, "never", "never"],
    [{ returnMethod: "get" }, "by_post", "POST https://merchant.site/"],
    [{ returnParameters: status }, "by_post", "POST https://merchant.site/\nstatus=declined"],
    [{ returnMethod: "post", returnParameters: status }, "by_post", "POST https://merchant.site/\nstatus=declined"],
    [{ returnParameters: status }, "lying", "GET https://merchant.site/?status=captured&amount=200"],
    [
      { returnParameters: order },
      "lying",
      "GET https://merchant.site/?order=1%20001%2F%C3%A9%26%2Fcaptured&status=captured&amount=200",
    ],
    [{ returnMethod: "post" }, "lying", "POST https://merchant.site/\nstatus=captured\namount=200"],
    [{ paidStatus: "approved", amountUnit: "minor" }, "lying", "GET https://merchant.site/?status=approved&amount=200"],
  ])("with %j, %s: %s", async (contract, returns, way) => {
    await using sandbox = await frozenSandbox({ settings: { contract } });
    expect((await wayBack(staged(sandbox), "decline", { url: "https://merchant.site/", returns })).back).toBe(way);
  });
});

describe("the query of the returnUrl", () => {
  test.each([
    ["https://merchant.site", "https://merchant.site?a=1"],
    ["https://merchant.site/?", "https://merchant.site/?a=1"],
    ["https://merchant.site/?b=%20+%zz&", "https://merchant.site/?b=%20+%zz&a=1"],
    ["https://merchant.site/?a=0&b", "https://merchant.site/?a=0&b&a=1"],
    ["https://merchant.site/訂單#/x?y#z", "https://merchant.site/訂單?a=1#/x?y#z"],
  ])("of %s stays: %s", async (url, wanted) => {
    await using sandbox = await frozenSandbox({
      settings: { contract: { returnParameters: [{ name: "a", value: "1" }] } },
    });
    expect((await wayBack(staged(sandbox), "pay", { url })).back).toBe(`GET ${wanted}`);
  });
});

test("a payment keeps the return of the profile that it was created under", async () => {
  await using sandbox = await frozenSandbox({ settings: { contract: { returnMethod: "post" } } });
  const { page } = await wayBack(staged(sandbox));
  await sandbox.change({ contract: null });
  expect(wayBackOf((await get(sandbox, `${page}?view=qr`)).text)).toBe(`POST ${returnUrl}`);
  await sandbox.restore(await sandbox.snapshot());
  expect(wayBackOf((await get(sandbox, `${page}?view=qr`)).text)).toBe(`POST ${returnUrl}`);
});

describe("parameters that are not allowed are refused", () => {
  const eleven = Array.from({ length: 11 }, (_, index) => ({ name: `n${index}`, value: "" }));
  const allowed =
    "expected none, or a list of at most 10 objects with `name` and `value`: different names that are not empty, " +
    "values with the templates {id}, {merchantReference} and {status}, and no control characters";
  test.each<[unknown, path: string, complaint: string]>([
    ["all", "", `is "all"; ${allowed}`],
    [{}, "", `is {}; ${allowed}`],
    [["{id}"], "", `is ["{id}"]; ${allowed}`],
    [[{ name: "", value: "x" }], "", `is [{"name":"","value":"x"}]; ${allowed}`],
    [[{ name: "a" }], "", `is [{"name":"a"}]; ${allowed}`],
    [[{ name: "a", value: 1 }], "", `is [{"name":"a","value":1}]; ${allowed}`],
    [[{ name: "a", value: "", type: "x" }], "", `is [{"name":"a","value":"","type":"x"}]; ${allowed}`],
    [[{ name: "a", value: "\u0000" }], "", `is [{"name":"a","value":"\\u0000"}]; ${allowed}`],
    [
      [
        { name: "a", value: "1" },
        { name: "a", value: "2" },
      ],
      "",
      `is [{"name":"a","value":"1"},{"name":"a","value":"2"}]; ${allowed}`,
    ],
    [eleven, "", `is ${JSON.stringify(eleven)}; ${allowed}`],
    [
      [
        { name: "a", value: "{id}" },
        { name: "b", value: "{id}{amount}" },
      ],
      ".1.value",
      "has the template {amount}; allowed are {id}, {merchantReference} and {status}",
    ],
    [
      [{ name: "a", value: "{constructor}" }],
      ".0.value",
      "has the template {constructor}; allowed are {id}, {merchantReference} and {status}",
    ],
  ])("%j", async (returnParameters, path, complaint) => {
    await using sandbox = await createSandbox();
    const contract = { returnParameters };
    const name = `contract.returnParameters${path}`;
    for (const [method, target] of [
      ["POST", "/_sandbox/worlds"],
      ["PATCH", `/_sandbox/worlds/${sandbox.processingAccountId}`],
    ] as const) {
      const answer = await sandbox.fetch(target, { method, body: JSON.stringify({ settings: { contract } }) });
      expect(answer.status).toBe(400);
      const { errors } = (await answer.json()) as { errors: { description: string }[] };
      expect(errors.map(({ description }) => description)).toEqual([`settings.${name} ${complaint}.`]);
    }
    const opened = createSandbox({ settings: { contract: contract as never } });
    await expect(opened).rejects.toThrow(`${name} ${complaint}.`);
  });
});
