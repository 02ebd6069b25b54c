import { ConfigError } from "../config/config.ts";
import { type Command, type Flag, type Flags, optionFlags } from "./command.ts";
import { diagnose, signatureOf } from "./doctor.ts";
import { bodyFlag, bodyMembers, readBody } from "./offline-sandbox.ts";
import { adminTokenFlag, caFlag } from "./running-sandbox.ts";

const signatureFlag: Flag = {
  name: "signature",
  placeholder: "SIGNATURE",
  help: "value of X-Signature; several values separated by commas or in lines",
};

/** Flags on the merchant's program, and on the sandbox that signed. */
const programFlags: readonly Flag[] = [
  { name: "hmac-key", placeholder: "KEY", help: "shared secret that your program uses (default: any known one)" },
  { name: "computed", placeholder: "SIGNATURE", help: "signature that your program computes, to find its mistake" },
  { name: "sandbox", placeholder: "URL", help: "asks the running sandbox that signed; it knows its keys and webhooks" },
  adminTokenFlag,
  caFlag,
  ...optionFlags(["seed", "config"]),
];

/** Explains why the merchant's verification of a webhook fails. */
export const doctorWebhook: Command = {
  name: "doctor webhook",
  summary: "explains why your program refuses a webhook; exits with 1 if something is wrong",
  parameters: [],
  flags: [
    signatureFlag,
    bodyFlag,
    { name: "url", placeholder: "URL", help: "URL that your program compares with the aud of the signature" },
    ...programFlags,
  ],
  run: (flags) => {
    if (flags.url !== undefined) return diagnoseReceived(flags, { kind: "webhook", url: flags.url });
    const remedy = "for a response, which has no aud, use doctor response";
    throw new ConfigError(`--url is missing; expected the URL that the webhook was sent to (${remedy}).`);
  },
};

/** Explains why the merchant's verification of a response fails. */
export const doctorResponse: Command = {
  name: "doctor response",
  summary: "explains why your program refuses a response of the API; exits with 1 if something is wrong",
  parameters: [],
  flags: [signatureFlag, bodyFlag, ...programFlags],
  run: (flags) => diagnoseReceived(flags, { kind: "response" }),
};

function diagnoseReceived(flags: Flags, about: object): Promise<void> {
  const { "hmac-key": hmacKey, computed } = flags;
  const message = { ...about, ...bodyMembers(readBody(flags)), signature: signatureOf(flags), hmacKey, computed };
  return diagnose(flags, message, "sandbox");
}
