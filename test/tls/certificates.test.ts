import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { ConfigError, createSandbox, type SandboxOptions } from "../../src/index.ts";
import { issueCertificate, makeAuthority } from "../../src/platform/certificates.ts";
import { fileWith } from "../support/program.ts";
import { handshake, namesAt, newFolder, onTls, pairFor } from "../support/tls-clients.ts";

const always = ["DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"];
const adminToken = "0123456789abcdef";
const day = 86_400_000;

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("the certificate that the sandbox makes names", () => {
  test.each<[string, SandboxOptions, string, string[]]>([
    ["this machine", {}, "127.0.0.1", []],
    ["the host that it listens on", {}, "127.0.0.2", ["IP Address:127.0.0.2"]],
    [
      "a public URL",
      { publicUrl: "https://pay.example.com:8443/shop", adminToken },
      "127.0.0.1",
      ["DNS:pay.example.com"],
    ],
    [
      "an address in it",
      { publicUrl: "https://[2001:db8::1]/", adminToken },
      "127.0.0.1",
      ["IP Address:2001:DB8:0:0:0:0:0:1"],
    ],
    ["allowed hosts", { allowHost: "sandbox, *.a.example" }, "127.0.0.1", ["DNS:sandbox", "DNS:*.a.example"]],
    ["the end of names", { allowHost: ".b.example" }, "127.0.0.1", ["DNS:b.example", "DNS:*.b.example"]],
  ])("%s", async (_, options, host, names) => {
    await using at = await onTls(options, host);
    const socket = await handshake(at.port, { ca: at.ca, host, checkServerIdentity: () => undefined });
    expect(socket.getPeerCertificate().subjectaltname?.split(", ")).toEqual([...always, ...names]);
    socket.destroy();
  });

  test("every address of this machine, where it listens on all", async () => {
    await using at = await onTls({ adminToken, seed: "a secret" }, "0.0.0.0");
    const names = await namesAt(at.port, at.ca);
    expect(names.slice(0, 3)).toEqual(always);
    expect(names).not.toContain("IP Address:0.0.0.0");
  });

  test("is valid since yesterday, for at most 398 days, and cannot sign others", async () => {
    await using at = await onTls();
    const socket = await handshake(at.port, { ca: at.ca });
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    const { validFrom, validTo, ca } = new X509Certificate(raw);
    expect(ca).toBe(false);
    expect(Date.parse(validFrom)).toBeLessThan(Date.now() - day / 2);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBeLessThan(398 * day);
  });
});

describe("the CA", () => {
  test("is in a private folder without its key, which is gone when the sandbox is closed", async () => {
    const { sandbox, caFile } = await onTls();
    expect(readdirSync(dirname(caFile))).toEqual(["ca.pem"]);
    expect(modeOf(dirname(caFile))).toBe("700");
    expect(new X509Certificate(readFileSync(caFile)).ca).toBe(true);
    await sandbox.close();
    expect([existsSync(dirname(caFile)), sandbox.caFile]).toEqual([false, undefined]);
  });

  test("is another one for each sandbox: one does not trust the other", async () => {
    await using one = await onTls();
    await using other = await onTls();
    await expect(handshake(one.port, { ca: other.ca })).rejects.toThrow(/self-signed certificate/);
  });

  test("leaves nothing if the port cannot be opened", async () => {
    await using at = await onTls();
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("alipay-hk-sandbox-")).length;
    await using second = await createSandbox({ tls: "self-signed" });
    await expect(second.listen({ port: at.port })).rejects.toThrow("EADDRINUSE");
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith("alipay-hk-sandbox-")).length;
    expect([after <= before, second.caFile]).toEqual([true, undefined]);
  });

  test("is kept in a folder of the user, for the next start and for other sandboxes", async () => {
    const tlsDir = join(newFolder(), "kept");
    const first = await onTls({ tlsDir });
    const { ca, caFile } = first;
    expect(caFile).toBe(join(tlsDir, "ca.pem"));
    await first.sandbox.close();
    expect([modeOf(tlsDir), modeOf(join(tlsDir, "ca-key.pem"))]).toEqual(["700", "600"]);
    await using second = await onTls({ tlsDir });
    await using third = await onTls({ tlsDir });
    for (const { port } of [second, third]) expect((await handshake(port, { ca })).destroy().authorized).toBe(true);
    expect(second.ca).toBe(ca);
  });

  test("is no part of a sandbox without TLS, nor of one with files", async () => {
    await using plain = await createSandbox();
    await plain.listen();
    await using files = await onTls(pairFor("127.0.0.1"));
    expect([plain.caFile, files.sandbox.caFile]).toEqual([undefined, undefined]);
  });
});

/** Refuses to start, and says why. */
async function complaintOf(options: SandboxOptions): Promise<string> {
  try {
    await using sandbox = await createSandbox(options);
    await sandbox.listen();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return "it started";
}

describe("the sandbox does not start, and names the option and the file, with", () => {
  const good = pairFor("127.0.0.1");
  const other = pairFor("127.0.0.1");
  const text = fileWith("hello", "text.pem");
  const broken = fileWith("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "broken.pem");
  const none = join(newFolder(), "none.pem");
  const folder = newFolder();
  const locked = fileWith(
    generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" },
    }).privateKey,
    "locked.pem",
  );
  const cert = `The option tlsCert is "${good.tlsCert}"`;
  const noCertificate = "which contains no certificate; expected a certificate in PEM.";
  const noKey = "which contains no private key; expected a private key in PEM, without passphrase.";

  test.each<[string, SandboxOptions, string]>([
    ["no key", { tlsCert: good.tlsCert }, `${cert}; expected also --tls-key (tlsKey), its private key.`],
    [
      "no certificate",
      { tlsKey: good.tlsKey },
      `The option tlsKey is "${good.tlsKey}"; expected also --tls-cert (tlsCert), its certificate.`,
    ],
    [
      "both kinds",
      { ...good, tls: "self-signed" },
      `${cert}, and the option tls is "self-signed"; expected one or the other.`,
    ],
    [
      "a folder without a CA to keep",
      { ...good, tlsDir: folder },
      `The option tlsDir is "${folder}", which only --tls self-signed uses; expected both or neither.`,
    ],
    ["another kind", { tls: "yes" as "self-signed" }, 'The option tls is "yes"; expected self-signed.'],
    [
      "a public URL with http",
      { tls: "self-signed", publicUrl: "http://127.0.0.1:8852" },
      'The option publicUrl is "http://127.0.0.1:8852", but the sandbox speaks HTTPS; expected an https URL.',
    ],
    [
      "a missing file",
      { ...good, tlsCert: none },
      `The option tlsCert is "${none}", which cannot be read: ENOENT: no such file or directory, open '${none}'.`,
    ],
    [
      "a folder as a file",
      { ...good, tlsKey: folder },
      `The option tlsKey is "${folder}", which cannot be read: EISDIR: illegal operation on a directory, read.`,
    ],
    ["a text as certificate", { ...good, tlsCert: text }, `The option tlsCert is "${text}", ${noCertificate}`],
    [
      "a key as certificate",
      { ...good, tlsCert: good.tlsKey },
      `The option tlsCert is "${good.tlsKey}", ${noCertificate}`,
    ],
    ["a broken certificate", { ...good, tlsCert: broken }, `The option tlsCert is "${broken}", ${noCertificate}`],
    ["a text as key", { ...good, tlsKey: text }, `The option tlsKey is "${text}", ${noKey}`],
    ["a certificate as key", { ...good, tlsKey: good.tlsCert }, `The option tlsKey is "${good.tlsCert}", ${noKey}`],
    [
      "the key of another certificate",
      { ...good, tlsKey: other.tlsKey },
      `The option tlsKey is "${other.tlsKey}", which is not the private key of the certificate in the option ` +
        `tlsCert, "${good.tlsCert}".`,
    ],
    [
      "a key with a passphrase",
      { ...good, tlsKey: locked },
      `"${locked}", whose key has a passphrase; expected a private key in PEM, without passphrase.`,
    ],
  ])("%s", async (_, options, complaint) => {
    expect(await complaintOf(options)).toContain(complaint);
  });

  test("a temporary folder in which no file can be made, as in a container that is read only", async () => {
    vi.stubEnv("TMPDIR", join(newFolder(), "missing"));
    const complaint = await complaintOf({ tls: "self-signed" });
    vi.unstubAllEnvs();
    expect(complaint).toMatch(/^The folder for temporary files, ".*missing", cannot be used: ENOENT/);
    expect(complaint).toContain("Set tlsDir (--tls-dir) to a folder for the CA.");
  });

  test("a kept CA that cannot be used", async () => {
    const tlsDir = newFolder();
    const caFile = join(tlsDir, "ca.pem");
    const write = (authority: { cert: string; key: string }) => {
      writeFileSync(caFile, authority.cert);
      writeFileSync(join(tlsDir, "ca-key.pem"), authority.key);
    };
    const now = Date.now();
    const authority = makeAuthority(now);
    writeFileSync(caFile, authority.cert);
    expect(await complaintOf({ tls: "self-signed", tlsDir })).toMatch(
      /^The key of the CA of the option tlsDir is .*ENOENT/,
    );
    write({ ...authority, key: makeAuthority(now).key });
    expect(await complaintOf({ tls: "self-signed", tlsDir })).toContain("which is not the private key of");
    write(issueCertificate(authority, ["localhost"], now));
    expect(await complaintOf({ tls: "self-signed", tlsDir })).toContain(
      `"${caFile}", which is no certificate of a CA: remove it and its key, and the next start makes new ones.`,
    );
    write(makeAuthority(now - 3651 * day));
    expect(await complaintOf({ tls: "self-signed", tlsDir })).toContain(`"${caFile}", which has expired: remove it`);
  });

  test("a kept folder that is a file", async () => {
    expect(await complaintOf({ tls: "self-signed", tlsDir: text })).toContain(
      `"${text}", which cannot be created: EEXIST`,
    );
  });
});
