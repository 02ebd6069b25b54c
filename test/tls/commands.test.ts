import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { fileWith, killPrograms, startProgram } from "../support/program.ts";
import { newFolder, pairFor, send } from "../support/tls-clients.ts";

afterEach(killPrograms);

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());

describe("serve", () => {
  test("prints the URL and the path of the CA, speaks HTTPS, and removes the CA at the end", async () => {
    const { child, ended, ready, output } = startProgram(["--port", "0", "--tls", "self-signed"]);
    const url = await ready;
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const [, caFile = ""] =
      /^CA for NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and curl --cacert: (.*)$/m.exec(output.out) ?? [];
    const curl = (...args: string[]) =>
      execFileSync("curl", ["-s", "-w", "%{http_code} %{ssl_verify_result}", ...args]);
    expect(String(curl("-o", "/dev/null", "--cacert", caFile, `${url}/_sandbox/ready`))).toBe("200 0");
    expect(() => curl(url)).toThrow();
    child.kill("SIGTERM");
    const { code, out } = await ended;
    expect([code, existsSync(dirname(caFile))]).toEqual([0, false]);
    expect(out).toContain(`NOMUPAY_BASE_URL=${url}\n`);
    expect(out).toContain(`Open ${url} in a browser.\nBuy something in the demo shop: ${url}/demo\n`);
    expect(out).not.toContain("http://");
  });

  test("is trusted by Node with NODE_EXTRA_CA_CERTS", async () => {
    const tlsDir = newFolder();
    const url = await startProgram(["--port", "0", "--tls", "self-signed", "--tls-dir", tlsDir]).ready;
    const script = `fetch(${JSON.stringify(`${url}/_sandbox/ready`)}).then(({ status }) => console.log(status))`;
    const environment = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: join(tlsDir, "ca.pem") };
    expect(String(execFileSync(process.execPath, ["-e", script], { env: environment }))).toBe("200\n");
  });

  test("takes files from a configuration file, relative to it", async () => {
    const { tlsCert, tlsKey } = pairFor("127.0.0.1");
    const config = fileWith({ tlsCert: "cert.pem", tlsKey: "key.pem" });
    writeFileSync(join(dirname(config), "cert.pem"), readFileSync(tlsCert));
    writeFileSync(join(dirname(config), "key.pem"), readFileSync(tlsKey));
    const url = await startProgram(["--port", "0", "--config", config]).ready;
    const ca = readFileSync(tlsCert, "utf8").replace(/.*?-----END CERTIFICATE-----\n/s, "");
    expect((await send(`${url}/_sandbox/ready`, { ca })).status).toBe(200);
  });

  test.each([
    [["--tls-cert", "none.pem"], '--tls-cert is "none.pem"; expected also --tls-key (tlsKey), its private key.\n'],
    [["--tls", "on"], '--tls is "on"; expected self-signed.\n'],
    [
      ["--tls-cert", "none.pem", "--tls-key", "key.pem"],
      "--tls-cert is \"none.pem\", which cannot be read: ENOENT: no such file or directory, open 'none.pem'.\n",
    ],
    [
      ["--tls", "self-signed", "--tls-cert", "none.pem"],
      '--tls-cert is "none.pem", and --tls is "self-signed"; expected one or the other.\n',
    ],
  ])("ends with 2 and a sentence for %j", async (args, sentence) => {
    const { ended } = startProgram(["--port", "0", ...args]);
    expect(await ended).toEqual({ code: 2, out: "", err: sentence });
  });
});

describe("a command", () => {
  test("finds and trusts the sandbox that serve starts with the same variables", async () => {
    const environment = { SANDBOX_TLS: "self-signed", SANDBOX_TLS_DIR: newFolder() };
    const url = await startProgram(["--port", "0"], environment).ready;
    const { port } = new URL(url);
    for (const args of [["ready"], ["payments"], ["scenario", "response_lost"], ["ready", "--wait", "1s"]]) {
      const { code, err } = await commands.run([...args, "--port", port], environment);
      expect([args, code, err]).toEqual([args, 0, ""]);
    }
  });

  test("takes a CA: each command that has --url", async () => {
    const tlsDir = newFolder();
    const url = await startProgram(["--port", "0", "--tls", "self-signed", "--tls-dir", tlsDir]).ready;
    const ca = join(tlsDir, "ca.pem");
    for (const args of [["ready"], ["payments"], ["env"], ["sign", "GET", "/v1/payments"], ["world"]]) {
      const { code, err } = await commands.run([...args, "--url", url, "--ca", ca]);
      expect([args, code, err]).toEqual([args, 0, args[0] === "env" ? expect.any(String) : ""]);
      const without = await commands.run([...args, "--url", url]);
      expect([args, without.code]).toEqual([args, 1]);
      expect(without.err).toContain("; name its CA: --ca FILE of a command");
    }
  });

  test("ready checks its own machine without the CA, and never sends the token there", async () => {
    const adminToken = "0123456789abcdef";
    const environment = { ...pairFor("sandbox.example.com"), adminToken };
    const config = fileWith(environment);
    const url = await startProgram(["--port", "0", "--config", config]).ready;
    const { port } = new URL(url);
    const variables = { SANDBOX_CONFIG: config };
    const { code, out } = await commands.run(["ready", "--port", port], variables);
    expect([code, out]).toEqual([0, expect.stringContaining(`The sandbox at ${url} is ready`)]);
    expect((await commands.run(["payments", "--port", port], variables)).code).toBe(1);
  });

  test.each([
    ["none.pem", "which cannot be read"],
    [fileWith("hello", "text.pem"), "which contains no certificate; expected a CA in PEM.\n"],
  ])("refuses --ca %s", async (ca, problem) => {
    const { code, err } = await commands.run(["ready", "--url", "https://127.0.0.1:1", "--ca", ca]);
    expect([code, err]).toEqual([2, expect.stringContaining(`--ca is ${JSON.stringify(ca)}, ${problem}`)]);
  });

  test("env prints the https URL of the sandbox that would start", async () => {
    const { out } = await commands.run(["env"], { SANDBOX_TLS: "self-signed" });
    expect(out).toContain("NOMUPAY_BASE_URL=https://127.0.0.1:8852\n");
  });
});
