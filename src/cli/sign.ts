import { signRequest } from "../client/signing.ts";
import { ConfigError } from "../config/config.ts";
import { type Command, type Flags, optionFlags, type Positionals } from "./command.ts";
import { bodyFlag, offlineSandbox, readBody, readFile } from "./offline-sandbox.ts";

export const sign: Command = {
  name: "sign",
  summary: "prints the X-Signature of a request",
  parameters: [
    { name: "METHOD", help: "method in upper case, such as POST" },
    { name: "TARGET", help: "path and query without host, such as /v1/payments?idempotencyKey=1001" },
  ],
  flags: [
    bodyFlag,
    { name: "kid", placeholder: "KID", help: "kid of a key of your own; needs --key" },
    { name: "key", placeholder: "FILE", help: "file with that private key, PEM (PKCS #8)" },
    ...optionFlags(["seed", "config"]),
  ],
  ignoredFlags: ["signature", "url", "admin-token"],
  run,
};

async function run(flags: Flags, [method = "", target = ""]: Positionals): Promise<void> {
  const { kid, privateKey } = await keysOf(flags);
  const body = readBody(flags);
  if (!/^[A-Z]+$/.test(method)) {
    throw new ConfigError(`METHOD is ${JSON.stringify(method)}; expected upper-case letters, such as POST.`);
  }
  if (!target.startsWith("/")) {
    throw new ConfigError(`TARGET is ${JSON.stringify(target)}; expected a path such as /v1/payments.`);
  }
  try {
    process.stdout.write(`X-Signature: ${signRequest({ method, target, body, kid, privateKey })}\n`);
  } catch {
    throw new ConfigError(
      `--key is ${JSON.stringify(flags.key)}; expected a file with a private key on P-256, PEM (PKCS #8).`,
    );
  }
}

/** The keys of the flags, or those of the demo merchant. */
async function keysOf(flags: Flags): Promise<{ readonly kid: string; readonly privateKey: string }> {
  if (flags.kid === undefined && flags.key === undefined) return (await offlineSandbox(flags)).credentials;
  if (flags.kid === undefined || flags.key === undefined) {
    throw new ConfigError("--kid and --key go together; expected a private key and the kid of its public key.");
  }
  if (flags.kid === "") throw new ConfigError('--kid is ""; expected the kid of the public key.');
  return { kid: flags.kid, privateKey: readFile("--key", flags.key) };
}
