import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { waitForPort } from "../../src/platform/program.ts";
import type { PlanInput } from "../../src/rehearsal/plan.ts";
import { openCommandLine } from "../support/command-line.ts";
import { fileWith, killPrograms, startProgram } from "../support/program.ts";
import { type MerchantFolder, openMerchant } from "./merchant.ts";
import { mutants } from "./mutants/mutants.ts";

afterEach(killPrograms);
const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

const rehearse = (...args: readonly string[]) => commands.run(["rehearse", ...args]);

/** Writes the plan beside the merchant. @returns its path. */
function planFile({ directory }: Pick<MerchantFolder, "directory">, plan: PlanInput): string {
  const path = join(directory, "rehearsal.json");
  writeFileSync(path, JSON.stringify(plan));
  return path;
}

const mutantOf = (id: string) => mutants.find(({ fails }) => fails[0] === id);

describe("a rehearsal", () => {
  test("of a right merchant ends with 0, a line for each case, and the reports", async () => {
    using merchant = await openMerchant("exemplary");
    const { directory } = merchant;
    const path = (name: string) => join(directory, name);
    const { code, out, err } = await rehearse(
      ...[
        "--file",
        planFile(merchant, merchant.plan),
        "--only",
        "paid_by_qr,forged_alg_none",
        "--only",
        "paid_on_phone",
      ],
      ...[
        "--report",
        `junit=${path("a,b.xml")},json=${path("report.json")}`,
        "--report",
        `html=${path("report.html")}`,
      ],
    );
    expect([code, err]).toEqual([0, ""]);
    for (const id of ["paid_by_qr", "forged_alg_none", "paid_on_phone"]) {
      expect(out).toMatch(new RegExp(`^passed .*\\(${id}\\)`, "m"));
    }
    expect(out).toContain("PASSED: All 3 cases passed.");
    expect(out).not.toContain("\u001b");
    expect(readFileSync(path("a,b.xml"), "utf8")).toContain("<testsuite");
    expect(readFileSync(path("report.html"), "utf8")).not.toBe("");
    expect(JSON.parse(readFileSync(path("report.json"), "utf8"))).toMatchObject({ outcome: "pass" });
    const same = await rehearse("diff", path("report.json"), path("report.json"));
    expect([same.code, same.err]).toEqual([0, ""]);
    expect(same.out).toContain("No case has changed.");
  });

  test("of a wrong merchant ends with 1, and with 0 if a baseline accepts the failure", async () => {
    using merchant = await openMerchant("exemplary", mutantOf("paid_by_qr"));
    const args = ["--file", planFile(merchant, merchant.plan), "--only", "paid_by_qr"];
    const failed = await rehearse(...args);
    expect([failed.code, failed.err]).toEqual([1, ""]);
    expect(failed.out).toMatch(/^FAILED: /m);
    const accept = [{ case: "paid_by_qr", reason: "The new shop comes in May.", until: "2999-12-31" }];
    const accepted = await rehearse(...args, "--baseline", fileWith({ accept }, "baseline.json"));
    expect([accepted.code, accepted.err]).toEqual([0, ""]);
    expect(accepted.out).toMatch(/^accepted .*\(paid_by_qr\)/m);
    expect(accepted.out).not.toMatch(/^failed /m);
  });

  test("says which failures of the baseline have vanished", async () => {
    using merchant = await openMerchant("exemplary");
    const accept = [{ case: "paid_by_qr", reason: "The new shop comes in May.", until: "2999-12-31" }];
    const args = ["--file", planFile(merchant, merchant.plan), "--only", "paid_by_qr"];
    const { code, out } = await rehearse(...args, "--baseline", fileWith({ accept }, "baseline.json"));
    expect(code).toBe(0);
    expect(out).toContain("Passes again, so that the baseline need not accept it: paid_by_qr.");
  });

  test("without the merchant's view of orders ends with 3", async () => {
    using merchant = await openMerchant("exemplary");
    const { order: _, ...plan } = merchant.plan;
    const { code, out, err } = await rehearse("--file", planFile(merchant, plan), "--only", "paid_by_qr");
    expect([code, err]).toEqual([3, ""]);
    expect(out).toMatch(/^INCOMPLETE: /m);
  });

  test("of a server that runs already uses the printed variables", async () => {
    using merchant = await openMerchant("exemplary");
    const port = String(await freePort());
    const printed = await rehearse("--print-env", "--port", port);
    expect([printed.code, printed.err]).toEqual([0, ""]);
    const asJson = await rehearse("--print-env", "--port", port, "--format", "json");
    expect(JSON.parse(asJson.out)).toEqual(parseEnv(printed.out));
    const { start, ...plan } = merchant.plan;
    const server = spawn(process.execPath, ["exemplary.mjs"], {
      cwd: merchant.directory,
      env: { ...parseEnv(printed.out), ...start?.env },
    });
    try {
      const { port: serverPort } = new URL(plan.webhookUrl);
      const address = { host: "127.0.0.1", port: Number(serverPort), timeoutMs: 10_000 };
      expect(await waitForPort(address, () => server.exitCode !== null)).toBe(true);
      const args = ["--file", planFile(merchant, plan), "--only", "paid_by_qr,forged_alg_none", "--port", port];
      const { code, out, err } = await rehearse(...args);
      expect([code, err], out).toEqual([0, ""]);
      expect(server.exitCode).toBe(null);
    } finally {
      server.kill("SIGKILL");
      await once(server, "exit");
    }
  });

  test("ends with 4 and a sentence for an error that nothing explains", async () => {
    using merchant = await openMerchant("exemplary");
    const breaking =
      'import http from "node:http"; import { syncBuiltinESMExports as sync } from "node:module";' +
      'http.createServer = () => { throw new Error("the machine is broken") }; sync();';
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(breaking)}`;
    const args = ["rehearse", "--file", planFile(merchant, merchant.plan), "--only", "paid_by_qr"];
    const { code, err } = await startProgram(args, { NODE_OPTIONS }).ended;
    expect(code).toBe(4);
    expect(err).toMatch(/^Error: the machine is broken\n(.*\n)*This is a fault of the sandbox.\n$/);
  });
});

describe("without a rehearsal", () => {
  test("--list names the chosen cases", async () => {
    const { code, out, err } = await rehearse("--list", "--critical", "--skip", "paid_on_phone");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^paid_by_qr +critical +Paid with the QR code$/m);
    expect(out).not.toMatch(/paid_on_phone|serious|minor/);
  });

  test("--explain has all texts of a case", async () => {
    const { code, out, err } = await rehearse("--explain", "paid_by_qr");
    expect([code, err]).toEqual([0, ""]);
    const headings = ["At stake", "What the sandbox does", "When it passes", "How to pass", "Precedents"];
    for (const heading of headings) expect(out).toContain(`\n\n${heading}: `);
    expect(out).toMatch(/^Paid with the QR code \(paid_by_qr\)\n/);
  });
});

describe("wrong arguments and files end with 2 and one sentence:", () => {
  const folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
  const valid = {
    start: { command: "exit 7", limitMs: 5_000 },
    webhookUrl: "http://127.0.0.1:1/webhooks",
    checkout: { steps: [{ request: "POST /orders" }] },
  };
  const plan = fileWith(valid, "rehearsal.json");

  test.each<[what: string, args: readonly string[], sentence: RegExp]>([
    ["an unknown case", ["--only", "paid_by_qr,paid_by_rq"], /"paid_by_rq" is unknown; --list names all\.\n$/],
    ["an unknown case to explain", ["--explain", "x"], /"x" is unknown/],
    ["no case", ["--only", "paid_by_qr", "--skip", "paid_by_qr"], /No case is selected/],
    ["no file", ["--file", join(folder, "none.json")], /none\.json; "rehearse init" makes one\.\n$/],
    ["a file without JSON", ["--file", fileWith("{", "rehearsal.json")], /is not JSON: /],
    ["a wrong plan", ["--file", fileWith({ url: 1 }, "rehearsal.json")], /is not valid\. url: .*; webhookUrl: /],
    ["a server that ends", ["--file", plan], /The server \(exit 7\) has ended: it exited with 7\./],
    ["a port", ["--port", "0"], /--port is "0"; expected a port from 1 to 65535/],
    ["a kind of report", ["--file", plan, "--report", "pdf=x"], /--report is "pdf=x"; expected junit, html, json/],
    ["a report's folder", ["--report", `junit=${join(folder, "no/x.xml")}`], /x\.xml", which cannot be written: /],
    ["a missing baseline", ["--file", plan, "--baseline", join(folder, "none")], /--baseline is .* cannot be read/],
    ["a wrong baseline", ["--file", plan, "--baseline", fileWith({ a: 1 }, "b.json")], /b\.json is not a baseline/],
    ["an argument", ["dif"], /Unexpected argument "dif": rehearse takes none/],
    ["a missing report", ["diff", "a"], /Missing argument AFTER/],
    ["a report that is none", ["diff", plan, plan], /rehearsal\.json/],
  ])("%s", async (_, args, sentence) => {
    const { code, out, err } = await rehearse(...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(sentence);
  });

  test("a port of the rehearsal that is in use", async () => {
    using merchant = await openMerchant("exemplary");
    const port = new URL(merchant.plan.webhookUrl).port;
    const other = spawn(process.execPath, ["-e", `require("http").createServer().listen(${port}, "127.0.0.1")`]);
    await waitForPort({ host: "127.0.0.1", port: Number(port), timeoutMs: 10_000 }, () => other.exitCode !== null);
    const { code, err } = await rehearse("--file", planFile(merchant, merchant.plan), "--port", port);
    expect([code, err]).toEqual([2, expect.stringContaining(`The port ${port} of the rehearsal cannot be opened: `)]);
    other.kill("SIGKILL");
    await once(other, "exit");
  });
});

describe("a signal", () => {
  /** A server that answers nothing. It notes each request, and SIGTERM, and may ignore that. */
  const hanging = (log: string, ignoresSignal: boolean) => `
    const { appendFileSync } = require("node:fs");
    const note = (text) => appendFileSync(${JSON.stringify(log)}, text + "\\n");
    process.on("SIGTERM", () => { note("SIGTERM"); if (!${ignoresSignal}) process.exit(); });
    require("node:http").createServer(() => note("request")).listen(process.env.PORT, "127.0.0.1");
  `;

  async function start(ignoresSignal: boolean) {
    const directory = mkdtempSync(join(tmpdir(), "rehearsal-"));
    const log = join(directory, "log");
    const port = await freePort();
    writeFileSync(join(directory, "server.cjs"), hanging(log, ignoresSignal));
    const plan: PlanInput = {
      // A shell that does not replace itself: its child must end too.
      start: { command: "node server.cjs; true", env: { PORT: String(port) } },
      webhookUrl: `http://127.0.0.1:${port}/webhooks`,
      checkout: { steps: [{ request: "POST /orders" }] },
    };
    const started = startProgram(["rehearse", "--file", planFile({ directory }, plan)]);
    const seen = (text: string) =>
      expect.poll(() => (existsSync(log) ? readFileSync(log, "utf8") : "")).toContain(text);
    await seen("request");
    const isRunning = () => waitForPort({ host: "127.0.0.1", port, timeoutMs: 0 }, () => true);
    return { ...started, seen, isRunning };
  }

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends the merchant's server, then the rehearsal with %i", async (signal, expected) => {
    const { child, ended, isRunning, seen } = await start(false);
    expect(await isRunning()).toBe(true);
    child.kill(signal);
    const { code, err } = await ended;
    expect([code, err]).toEqual([expected, "The rehearsal was ended before its end.\n"]);
    await seen("SIGTERM");
    expect(await isRunning()).toBe(false);
  });

  test("a second one does not wait for a server that ignores the first", async () => {
    const { child, ended, isRunning, seen } = await start(true);
    child.kill("SIGINT");
    await seen("SIGTERM");
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    await expect.poll(isRunning).toBe(false);
  });
});
