import type { Context } from "hono";
import { html } from "hono/html";
import type { World } from "../../domain/world.ts";
import type { WebhookRequest } from "../../services/scheduling/webhook-request.ts";
import type { Env } from "../env.ts";
import { quoted } from "./format.ts";
import { copyButton } from "./forms.ts";
import { plainPage, respondInspector } from "./layout.ts";
import { addressOf } from "./page-address.ts";
import type { InspectorParts } from "./page-data.ts";

/** Responds with a webhook as a curl command, as sent or signed now; `undefined` if there is no such request. */
export async function showWebhookCommand(c: Context<Env>, parts: InspectorParts): Promise<Response | undefined> {
  const id = c.req.param("id") ?? "";
  const found = await parts.lists.notification(id);
  if (!found.ok) return undefined;
  const { attempts, body: sent, processingAccountId } = found.value;
  const world = await parts.worlds.find(processingAccountId);
  if (!world.ok) return undefined;
  const number = c.req.query("attempt");
  const attempt = attempts.find((_, index) => String(index + 1) === number);
  const now = number === undefined ? await parts.deliveries.requestNow(id) : undefined;
  const request =
    attempt === undefined ? now?.ok && now.value : { ...attempt, headers: attempt.requestHeaders, body: sent };
  if (!request) return undefined;
  const title = attempt === undefined ? "The webhook, signed now" : `Attempt ${number}, as sent`;
  const note =
    attempt === undefined
      ? "The signature is valid for five minutes."
      : "It has the signature of that attempt, which was valid for five minutes.";
  const account = processingAccountId === parts.worlds.demoId ? undefined : processingAccountId;
  const back = addressOf({ place: "webhooks", world: account, notificationId: id });
  const body = html`<h1>${title}</h1>
    <p>${note}</p>
    <pre id="command" tabindex="0" data-testid="webhook-command">${webhookCommand(request, world.value)}</pre>
    ${copyButton("command", "Copy the command", "copy-command")}
    <p><a class="button" href="${back}" data-testid="to-webhook">The webhook</a></p>`;
  return respondInspector(c, plainPage("Webhook as a command", body));
}

/** A webhook as a shell command that sends the same bytes. */
function webhookCommand(
  { url, headers, body }: WebhookRequest,
  { settings: { webhookTls } }: Pick<World, "settings">,
): string {
  const target = new URL(url).href;
  const options = [
    "-i",
    // curl expands brackets and braces in a URL.
    ...(/[[\]{}]/.test(target) ? ["-g"] : []),
    ...(webhookTls === "accept_any" ? ["-k"] : []),
  ];
  // A carriage return does not survive in a page. Only the body of a restored snapshot can have one.
  const isFragile = body.includes("\r");
  const encoded = quoted(Buffer.from(body, "utf8").toString("base64"));
  return [
    ...(isFragile ? [`printf %s ${encoded} | base64 -d |`] : []),
    `curl ${options.join(" ")} ${quoted(target)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `--data-binary ${isFragile ? "@-" : quoted(body)}`,
  ].join(" \\\n  ");
}
