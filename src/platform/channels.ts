import { channel } from "node:diagnostics_channel";
import type { Sender } from "./sender.ts";

/**
 * Says on a `node:diagnostics_channel` what leaves the sandbox, to whoever listens in this process: the sandbox's own tests
 * hold it against the OpenAPI document. Nothing is described while nobody listens.
 */
export function announcer<T>(name: "response" | "webhook"): (describe: () => T) => void {
  const listeners = channel(`alipay-hk-sandbox.${name}`);
  return (describe) => {
    if (listeners.hasSubscribers) listeners.publish(describe());
  };
}

/** A sender that announces what it sends. */
export function announcedSender(sender: Sender): Sender {
  const announce = announcer("webhook");
  return {
    send(webhook) {
      announce(() => ({ url: webhook.url, headers: webhook.headers, body: webhook.body }));
      return sender.send(webhook);
    },
    close: () => sender.close(),
  };
}
