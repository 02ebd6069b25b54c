import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { ConfigError } from "../config/config.ts";
import { described, type GivenPath, inSentence, type Tls } from "../config/tls.ts";
import type { KeyedCertificate } from "../platform/certificates.ts";
import { systemClock } from "../platform/clock.ts";

/** The certificate of a sandbox that speaks HTTPS. */
export interface OpenTls extends KeyedCertificate {
  /** File with the CA that a client must trust; `undefined` for a certificate of the user. */
  readonly caFile: string | undefined;
  /** Removes the temporary files. */
  close(): void;
}

/** Reads the certificate, or makes one for the names. Rejects with `ConfigError` if a file cannot be used. */
export async function openTls(tls: Tls, names: () => readonly string[]): Promise<OpenTls> {
  if (tls.kind === "files") return { ...readPair(tls.cert, tls.key), caFile: undefined, close: () => undefined };
  // Loaded on first use, for a faster start.
  const { issueCertificate, makeAuthority } = await import("../platform/certificates.ts");
  const now = systemClock.now();
  const folder = tls.dir === undefined ? temporaryFolder() : keptFolder(tls.dir);
  try {
    const authority = folder.kept ?? makeAuthority(now);
    if (folder.kept === undefined) {
      writeFileSync(folder.caFile, authority.cert, { flag: "wx", mode: 0o644 });
      if (folder.keyFile !== undefined) writeFileSync(folder.keyFile, authority.key, { flag: "wx", mode: 0o600 });
    }
    return { ...issueCertificate(authority, names(), now), caFile: folder.caFile, close: folder.close };
  } catch (error) {
    folder.close();
    if (tls.dir === undefined) throw error;
    throw new ConfigError(`${described(tls.dir)}, which cannot be used: ${(error as Error).message}.`);
  }
}

interface Folder {
  readonly caFile: string;
  /** File for the key of the CA. Without it the key stays in memory. */
  readonly keyFile?: string;
  /** The CA of an earlier start. */
  readonly kept?: KeyedCertificate | undefined;
  close(): void;
}

/** A private folder, which is removed when the sandbox closes or the process exits. */
function temporaryFolder(): Folder {
  const path = newFolderIn(tmpdir());
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", remove);
  const close = () => {
    process.off("exit", remove);
    remove();
  };
  return { caFile: join(path, "ca.pem"), close };
}

function newFolderIn(parent: string): string {
  try {
    return mkdtempSync(join(parent, "alipay-hk-sandbox-"));
  } catch (error) {
    const problem = `The folder for temporary files, ${JSON.stringify(parent)}, cannot be used`;
    throw new ConfigError(`${problem}: ${(error as Error).message}. Set tlsDir (--tls-dir) to a folder for the CA.`);
  }
}

function keptFolder(dir: GivenPath): Folder {
  const caFile = join(dir.path, "ca.pem");
  const keyFile = join(dir.path, "ca-key.pem");
  try {
    mkdirSync(dir.path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(`${described(dir)}, which cannot be created: ${(error as Error).message}.`);
  }
  const hasAny = existsSync(caFile) || existsSync(keyFile);
  return { caFile, keyFile, kept: hasAny ? readAuthority(dir, caFile, keyFile) : undefined, close: () => undefined };
}

function readAuthority({ origin }: GivenPath, caFile: string, keyFile: string): KeyedCertificate {
  const cert = { path: caFile, origin: `The CA of ${inSentence(origin)}` };
  const authority = readPair(cert, { path: keyFile, origin: `The key of the CA of ${inSentence(origin)}` });
  const { ca: isAuthority, validTo } = new X509Certificate(authority.cert);
  const remedy = "remove it and its key, and the next start makes new ones";
  if (!isAuthority) throw new ConfigError(`${described(cert)}, which is no certificate of a CA: ${remedy}.`);
  if (Date.parse(validTo) <= systemClock.now()) {
    throw new ConfigError(`${described(cert)}, which has expired: ${remedy}.`);
  }
  return authority;
}

/** Reads a certificate and its private key. Throws `ConfigError` if they do not work together. */
function readPair(certFile: GivenPath, keyFile: GivenPath): KeyedCertificate {
  const cert = readText(certFile);
  const key = readText(keyFile);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert.slice(cert.indexOf("-----BEGIN CERTIFICATE-----")));
  } catch {
    throw new ConfigError(`${described(certFile)}, which contains no certificate; expected a certificate in PEM.`);
  }
  if (!certificate.checkPrivateKey(privateKeyIn(key, keyFile))) {
    const its = `the certificate in ${inSentence(certFile.origin)}, ${JSON.stringify(certFile.path)}`;
    throw new ConfigError(`${described(keyFile)}, which is not the private key of ${its}.`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new ConfigError(`${described(certFile)}, which cannot be used: ${(error as Error).message}.`);
  }
  return { cert, key };
}

function privateKeyIn(key: string, keyFile: GivenPath) {
  try {
    return createPrivateKey(key);
  } catch {
    const problem = key.includes("ENCRYPTED") ? "whose key has a passphrase" : "which contains no private key";
    throw new ConfigError(`${described(keyFile)}, ${problem}; expected a private key in PEM, without passphrase.`);
  }
}

function readText(file: GivenPath): string {
  try {
    return readFileSync(file.path, "utf8");
  } catch (error) {
    throw new ConfigError(`${described(file)}, which cannot be read: ${(error as Error).message}.`);
  }
}
