import { verifyWebhook } from "../client/signing.ts";
import { isJsonObject } from "./members.ts";
import { Stop, stopIfLive } from "./safety.ts";
import { type Inbox, mediaTypeOf, type SeenNotification } from "./subject.ts";

/** An inbox, and the handler of the requests to it. */
export interface NotificationInbox extends Inbox {
  /** @param url the URL that the subject sent the notification to, which is signed. */
  handle(request: Request, url: string): Promise<Response>;
  /** Why the comparison must stop, if a notification says so. */
  readonly stop: Stop | undefined;
}

/** Maximum length of a notification, in characters, and of all of them. */
const notificationMax = 1_048_576;
const notificationsMax = 10_000;

/** @param hmacKey returns the shared secret. */
export function notificationInbox(hmacKey: () => string): NotificationInbox {
  const received: SeenNotification[] = [];
  let refused: string | undefined;
  let stop: Stop | undefined;
  return {
    received,
    get stop() {
      return stop;
    },
    refuse: (paymentId) => {
      refused = paymentId;
    },
    handle: async (request, url) => {
      const text = await request.text();
      const body = text.length > notificationMax ? undefined : jsonOf(text);
      if (!isJsonObject(body) || !isJsonObject(body.payload) || received.length >= notificationsMax) {
        return new Response(null, { status: 400 });
      }
      const { type, payload } = body;
      const signature = request.headers.get("x-signature");
      received.push({
        type,
        payload,
        body,
        mediaType: mediaTypeOf(request),
        isSigned: verifyWebhook({ signature, body: text, hmacKey: hmacKey(), url }),
      });
      try {
        stopIfLive(body, "a notification");
      } catch (error) {
        if (error instanceof Stop) stop = error;
      }
      const isRefused = refused !== undefined && (payload.id === refused || payload.paymentId === refused);
      return new Response(null, { status: isRefused ? 500 : 204 });
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
