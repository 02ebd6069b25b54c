import { channel } from "node:diagnostics_channel";
import type { Sender } from "./sender.ts";

/**
 * Publishes outgoing messages on a `node:diagnostics_channel`: the tests check them against the OpenAPI document.
 * `describe` is called only if there is a subscriber.
 */
export function publisher<T>(name: "response" | "webhook"): (describe: () => T) => void {
  const published = channel(`alipay-hk-sandbox.${name}`);
  return (describe) => {
    if (published.hasSubscribers) published.publish(describe());
  };
}

/** A sender that also publishes each webhook on the channel `webhook`. */
export function publishingSender(sender: Sender): Sender {
  const publish = publisher("webhook");
  return {
    send(webhook) {
      publish(() => ({ url: webhook.url, headers: webhook.headers, body: webhook.body }));
      return sender.send(webhook);
    },
    close: () => sender.close(),
  };
}
