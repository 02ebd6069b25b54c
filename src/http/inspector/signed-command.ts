import type { Context } from "hono";
import { html } from "hono/html";
import type { KeptRequest } from "../../domain/logged-request.ts";
import { type Env, requestOrigin } from "../env.ts";
import { curlOf, quoted } from "./format.ts";
import { copyButton } from "./forms.ts";
import { plainPage, respondInspector } from "./layout.ts";
import { addressOf } from "./page-address.ts";
import type { InspectorParts } from "./page-data.ts";
import { signCommand } from "./sign-command.ts";

/** Responds with the curl command of a logged request, signed now; `undefined` if there is no such request. */
export async function showSignedCommand(c: Context<Env>, parts: InspectorParts): Promise<Response | undefined> {
  const world = await parts.worlds.find(c.req.query("world") || undefined);
  if (!world.ok) return undefined;
  const { processingAccountId } = world.value;
  const requests = await parts.requestLog.all(processingAccountId);
  const request = requests.find(({ sequence }) => String(sequence) === c.req.param("sequence"));
  if (request === undefined) return undefined;
  const base = parts.addresses.base(requestOrigin(c));
  const signature = await signatureOf(request, parts, processingAccountId);
  const calls = addressOf({ place: "requests", world: processingAccountId, requests: "all" });
  const body = html`<h1>With a valid signature</h1>
    <p>${signature.note}</p>
    <pre id="command" tabindex="0" data-testid="signed-text">${curlOf(request, base, signature.word)}</pre>
    ${copyButton("command", "Copy the command", "copy-command")}
    <p><a class="button" href="${calls}" data-testid="to-calls">All calls</a></p>`;
  return respondInspector(c, plainPage("Call with a valid signature", body));
}

/** The word of a shell command with a valid signature, and a note about it. */
async function signatureOf(
  { method, target, body }: KeptRequest,
  { merchants }: InspectorParts,
  processingAccountId: string,
): Promise<{ readonly word: string; readonly note: string }> {
  const signed = await merchants.sign({ method, target, body: new TextEncoder().encode(body) }, processingAccountId);
  if (signed.ok && signed.value !== undefined) {
    return { word: quoted(`X-Signature: ${signed.value}`), note: "The signature is valid for almost five minutes." };
  }
  return {
    word: `"$(${await signCommand({ method, target, body }, merchants, processingAccountId)})"`,
    note: "The sandbox has only your public key: the command signs with your private key in private-key.pem.",
  };
}
