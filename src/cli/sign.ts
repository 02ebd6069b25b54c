import { signRequest } from "../client/signing.ts";
import { ConfigError } from "../config/config.ts";
import { compressedRequestNote } from "../domain/compression.ts";
import { ask, jsonOf } from "./any-sandbox.ts";
import { type Command, type Flags, optionFlags, type Positionals } from "./command.ts";
import { bodyFlag, readBody, readFile } from "./offline-sandbox.ts";
import { adminTokenFlag, caFlag } from "./running-sandbox.ts";

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
    { name: "url", placeholder: "URL", help: "takes the key of a running sandbox; without it no sandbox has to run" },
    {
      name: "world",
      placeholder: "ID",
      help: "processing account of the world whose key signs (default: the demo world)",
    },
    adminTokenFlag,
    caFlag,
    ...optionFlags(["seed", "config"]),
  ],
  ignoredFlags: ["signature"],
  run,
};

async function run(flags: Flags, [method = "", target = ""]: Positionals): Promise<void> {
  const body = readBody(flags);
  if (!/^[A-Z]+$/.test(method)) {
    throw new ConfigError(`METHOD is ${JSON.stringify(method)}; expected upper-case letters, such as POST.`);
  }
  if (!target.startsWith("/")) {
    throw new ConfigError(`TARGET is ${JSON.stringify(target)}; expected a path such as /v1/payments.`);
  }
  const { kid, privateKey } = await keysOf(flags);
  const note = compressedRequestNote(body);
  if (note !== undefined) process.stderr.write(`${note}\n`);
  try {
    process.stdout.write(`X-Signature: ${signRequest({ method, target, body, kid, privateKey })}\n`);
  } catch {
    throw new ConfigError(
      `--key is ${JSON.stringify(flags.key)}; expected a file with a private key on P-256, PEM (PKCS #8).`,
    );
  }
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: string;
}

/** The key of the flags, or that of a world. */
async function keysOf(flags: Flags): Promise<SigningKey> {
  if (flags.kid === undefined && flags.key === undefined) return keyOfWorld(flags);
  if (flags.kid === undefined || flags.key === undefined) {
    throw new ConfigError("--kid and --key go together; expected a private key and the kid of its public key.");
  }
  if (flags.kid === "") throw new ConfigError('--kid is ""; expected the kid of the public key.');
  return { kid: flags.kid, privateKey: readFile("--key", flags.key).toString("utf8") };
}

async function keyOfWorld(flags: Flags): Promise<SigningKey> {
  const { world } = flags;
  const query = world === undefined ? "" : `?${new URLSearchParams({ processingAccountId: world })}`;
  const response = await ask(flags, `/_sandbox/credentials${query}`);
  if (world !== undefined && response.status === 404) {
    throw new ConfigError(`--world is ${JSON.stringify(world)}; expected the processing account of an existing world.`);
  }
  const { kid, privateKey } = (await jsonOf(response)) as Partial<SigningKey>;
  if (kid !== undefined && privateKey !== undefined) return { kid, privateKey };
  throw new ConfigError("The sandbox does not have the private key of this merchant; expected --kid and --key.");
}
