import { describe, expect, test } from "vitest";
import { catalogue } from "../../src/domain/scenario.ts";
import type { Sandbox } from "../../src/index.ts";
import { createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { insides, submit, testids, textsOf } from "./reading.ts";

interface Button {
  readonly name: string;
  readonly text: string;
}

/** The buttons with that `data-testid`, with the scenario that each queues. */
function buttonsOf(html: string, testid: string): Button[] {
  const opening = new RegExp(`<button name="scenario" value="(\\w+)" data-testid="${testid}">`, "g");
  const texts = textsOf(html, testid);
  return [...html.matchAll(opening)].map(([, name = ""], at) => ({ name, text: texts[at] ?? "" }));
}

/** The fields of the form with the buttons of the scenarios, besides the pressed button. */
function fieldsOf(html: string): Record<string, string> {
  const [, form = ""] = /<form method="post" action="\/inspector\/scenarios"[^>]*>(.*?)<\/form>/s.exec(html) ?? [];
  const inputs = [...form.matchAll(/<input\b[^>]*\bname="(\w+)"[^>]*\bvalue="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name = "", value = ""]) => [name, value]));
}

const queueOf = async (sandbox: Sandbox) => (await get(sandbox, "/_sandbox/scenarios/next")).body.data;

const html = await (async () => {
  await using sandbox = await frozenSandbox();
  return (await get(sandbox, "/")).text;
})();

describe("the controls of the next payment", () => {
  test("have each scenario of the catalogue in exactly one group, with its description", () => {
    const groups = insides(html, "scenario-group").map((summary) => summary.split("&nbsp;")[0]);
    expect(groups).toEqual(["declines", "outcomes", "browser", "webhooks", "refunds", "faults"]);
    const buttons = groups.flatMap((group) => {
      const [, content = ""] = new RegExp(`<details id="scenarios-${group}">(.*?)</details>`, "s").exec(html) ?? [];
      const inGroup = buttonsOf(content, "scenario");
      expect(content).toContain(`<span class="quiet">${inGroup.length}</span>`);
      return inGroup;
    });
    const byName = (a: Button, b: Button) => (a.name < b.name ? -1 : 1);
    const described = catalogue.map(({ name, description }) => ({ name, text: `${name} ${description}` }));
    expect(buttons.sort(byName)).toEqual(described.sort(byName));
  });

  test.each(catalogue)("have $name in the group of its effect", ({ group, scenario }) => {
    const { fault, webhook, return: returnPlan, refunds, outcome } = scenario;
    const effects = { faults: fault, webhooks: webhook, browser: returnPlan, refunds, declines: outcome === "decline" };
    const [expected = "outcomes"] = Object.entries(effects).flatMap(([name, effect]) => (effect ? [name] : []));
    expect(group).toBe(expected);
  });

  test("show the most used scenarios outside the groups", () => {
    expect(buttonsOf(html, "scenario-frequent")).toEqual([
      { name: "declined", text: "Decline" },
      { name: "expired", text: "Expire" },
      { name: "failed", text: "Fail" },
      { name: "webhook_twice", text: "Webhook twice" },
      { name: "slow_response", text: "Slow" },
    ]);
    expect(html.replace(/<details\b.*?<\/details>/gs, "")).toContain('data-testid="scenario-frequent"');
  });

  test.each(catalogue.map(({ name }) => name))("queue %s once on a click", async (scenario) => {
    await using sandbox = await frozenSandbox();
    const { status } = await submit(sandbox, "/inspector/scenarios", { ...fieldsOf(html), scenario });
    expect([status, await queueOf(sandbox)]).toEqual([303, [{ scenario, times: 1 }]]);
  });

  test("queue the scenario of a button as often as the field says", async () => {
    await using sandbox = await frozenSandbox();
    const fields = { ...fieldsOf(html), times: "3", scenario: "expired" };
    await submit(sandbox, "/inspector/scenarios", fields);
    expect(await queueOf(sandbox)).toEqual([{ scenario: "expired", times: 3 }]);
  });

  test("queue nothing if Enter is pressed in a field: the first button of the form is disabled", () => {
    const [, form = ""] = /<form method="post" action="\/inspector\/scenarios"[^>]*>(.*?)<\/form>/s.exec(html) ?? [];
    expect(/<button[^>]*>/.exec(form)?.[0]).toBe("<button disabled hidden>");
  });

  test("show what is queued next, the first three, and how many follow", async () => {
    await using sandbox = await frozenSandbox();
    const queue = (scenario: string, times: number) => post(sandbox, "/_sandbox/scenarios/next", { scenario, times });
    const shown = async () => {
      const { text } = await get(sandbox, "/");
      return [...textsOf(text, "queue"), ...textsOf(text, "queue-more"), ...textsOf(text, "queue-empty")];
    };
    expect(await shown()).toEqual(["The queue is empty: the payer decides."]);
    for (const name of ["declined", "expired", "failed"]) await queue(name, 2);
    expect(await shown()).toEqual(["declined ×2 expired ×2 failed ×2"]);
    await queue("paid", 1);
    expect(await shown()).toEqual(["declined ×2 expired ×2 failed ×2", "Then 1 more scenario."]);
    await queue("paid", 1);
    expect((await shown()).at(-1)).toBe("Then 2 more scenarios.");
    expect(testids((await get(sandbox, "/")).text)).toContain("queue-clear");
  });

  test("keep the page of fifty calls below 200 KB", async () => {
    await using sandbox = await frozenSandbox();
    for (let made = 0; made < 50; made += 1) await createPayment(sandbox);
    const { text } = await get(sandbox, "/inspector/requests?requests=all");
    expect(Buffer.byteLength(text)).toBeLessThan(200_000);
  });
});
