import type { Scheme } from "./addresses.ts";
import { ConfigError } from "./config-error.ts";
import { type Given, readOption } from "./given-options.ts";
import type { OptionName } from "./options.ts";

/** A path, and where it was given, for error messages. */
export interface GivenPath {
  readonly path: string;
  readonly origin: string;
}

/** How a sandbox speaks HTTPS: with the certificate of two files, or with one that it makes. */
export type Tls =
  | { readonly kind: "files"; readonly cert: GivenPath; readonly key: GivenPath }
  | {
      readonly kind: "self_signed";
      /** Folder that keeps the CA. Without it, the CA is gone when the sandbox closes. */
      readonly dir: GivenPath | undefined;
    };

/** Scheme of the URLs of a sandbox without a public URL. */
export function schemeOf(tls: Tls | undefined): Scheme {
  return tls === undefined ? "http" : "https";
}

/** Reads the options of TLS, but no file. Throws `ConfigError` for options that exclude each other. */
export function readTls(given: (name: OptionName) => Given | undefined): Tls | undefined {
  const cert = pathOf(given, "tlsCert");
  const key = pathOf(given, "tlsKey");
  const dir = pathOf(given, "tlsDir");
  const isSelfSigned = readOption("tls", given("tls")) !== undefined;
  const file = cert ?? key;
  if (file !== undefined && isSelfSigned) {
    throw new ConfigError(
      `${described(file)}, and ${inSentence(given("tls")?.origin)} is "self-signed"; expected one or the other.`,
    );
  }
  if (dir !== undefined && !isSelfSigned) {
    throw new ConfigError(`${described(dir)}, which only --tls self-signed uses; expected both or neither.`);
  }
  if (file !== undefined && (cert === undefined || key === undefined)) {
    const missing =
      cert === undefined ? "--tls-cert (tlsCert), its certificate" : "--tls-key (tlsKey), its private key";
    throw new ConfigError(`${described(file)}; expected also ${missing}.`);
  }
  const tls: Tls | undefined =
    cert !== undefined && key !== undefined
      ? { kind: "files", cert, key }
      : isSelfSigned
        ? { kind: "self_signed", dir }
        : undefined;
  checkPublicUrl(tls, given("publicUrl"));
  return tls;
}

/** Requests would go to a URL that nothing answers. */
function checkPublicUrl(tls: Tls | undefined, publicUrl: Given | undefined): void {
  if (tls === undefined || !/^http:/i.test(String(publicUrl?.value))) return;
  throw new ConfigError(
    `${publicUrl?.origin} is ${JSON.stringify(publicUrl?.value)}, but the sandbox speaks HTTPS; expected an https URL.`,
  );
}

function pathOf(given: (name: OptionName) => Given | undefined, name: "tlsCert" | "tlsKey" | "tlsDir") {
  const found = given(name);
  const path = readOption(name, found);
  return path === undefined || found === undefined ? undefined : { path, origin: found.origin };
}

/** An origin that does not begin a sentence. */
export function inSentence(origin = ""): string {
  return origin.replace(/^The /, "the ");
}

/** The start of a sentence about a path. */
export function described({ path, origin }: GivenPath): string {
  return `${origin} is ${JSON.stringify(path)}`;
}
