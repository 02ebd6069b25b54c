import type { InProcessEndpoints } from "../platform/in-process.ts";
import type { OutgoingWebhook } from "../platform/sender.ts";

/** A notification that the sandbox sent, before the merchant gets it. */
export interface Notification {
  readonly id: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The endpoint's URL, which the signature names. */
  readonly url: string;
  /** The exact body. */
  readonly body: string;
  /** Header lines besides the signature. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether a notification is about this payment or refund, and has this status. */
export interface NotificationMatch {
  readonly paymentId: string;
  readonly type?: "payment" | "refund";
  readonly status?: string;
  readonly refundId?: string;
}

/**
 * Receives all webhooks of the sandbox, and acknowledges them at once. The merchant gets each one when its case
 * delivers it, so that the case decides the order.
 */
export class Mailbox {
  readonly notifications: Notification[] = [];

  /** The endpoints of a sandbox whose webhooks come here. */
  readonly endpoints: InProcessEndpoints = {
    add: () => {
      throw new Error("The endpoint of a rehearsal is a URL.");
    },
    remove: () => undefined,
    currentDelivery: () => undefined,
    sender: (fallback) => ({
      send: async (webhook) => {
        this.#receive(webhook);
        return { answer: { status: 204, headers: [], body: "" } };
      },
      close: () => fallback.close(),
    }),
  };

  #receive({ url, headers, body }: OutgoingWebhook): void {
    const { id, type, payload } = JSON.parse(body) as Pick<Notification, "id" | "type" | "payload">;
    const lines = Object.entries(headers).filter(([name]) => !/^(x-signature|content-length|host)$/i.test(name));
    const others = Object.fromEntries(lines.map(([name, value]) => [name, String(value)]));
    this.notifications.push({ id, type, payload, url, body, headers: others });
  }

  /** The notifications about a payment and its refunds, in the order of the sandbox. */
  all({ paymentId, type, status, refundId }: NotificationMatch): Notification[] {
    return this.notifications.filter(
      (one) =>
        (one.payload.id === paymentId || one.payload.paymentId === paymentId) &&
        (type === undefined || one.type === type) &&
        (refundId === undefined || one.payload.id === refundId) &&
        (status === undefined || one.payload.status === status),
    );
  }
}
