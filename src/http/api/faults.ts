import type { Context } from "hono";
import type { Fault } from "../../domain/scenario.ts";
import type { Env } from "../env.ts";
import { type Answer, answerRefusal, withHeader } from "./answer.ts";

/**
 * Applies the fault of a scenario to the response, after the request was processed and stored. `response_lost` cuts the
 * connection before any byte is sent.
 * @param slowly resolves when a slow response may be sent.
 */
export async function applyFault(
  c: Context<Env>,
  answer: Answer,
  fault: Fault,
  slowly: () => Promise<void>,
): Promise<Answer> {
  if (fault === "slow_response") await slowly();
  if (fault === "response_lost") {
    c.env?.outgoing?.destroy();
    c.env?.cut?.();
  }
  return fault === "server_error_after" ? answerRefusal({ code: "internal_error" }) : answer;
}

/** The page that `response_html` sends in place of JSON. */
export const proxyPage =
  "<!DOCTYPE html>\n<html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>\n";

/** Site of the redirect that `response_changed_redirect` sends. Nobody can register it. */
const foreignSite = "https://attacker.example";

/** Changes an answer after it was signed. */
export function changeAfterSigning(answer: Answer, fault: Fault): Answer {
  if (fault === "response_html") {
    return { ...withHeader(answer, "Content-Type", "text/html; charset=utf-8"), text: proxyPage };
  }
  return fault === "response_changed_redirect" ? { ...answer, text: withForeignRedirects(answer.text) } : answer;
}

/** Changes the redirects of JSON. Quotes in a text of the merchant are escaped, so the pattern matches no such text. */
function withForeignRedirects(json: string): string {
  return json.replace(
    /("nextStep":\{"type":"redirect","redirect":\{"method":"get","url":")([^"]+)"/g,
    (_, before: string, url: string) => `${before}${foreignSite}${new URL(url).pathname}"`,
  );
}
