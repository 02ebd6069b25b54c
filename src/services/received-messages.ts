import type { Attempt, Notification } from "../domain/notification.ts";
import type { RealClock } from "../platform/clock.ts";
import {
  diagnoseReceived,
  type ReceivedDiagnosis,
  type ReceivedMessage,
} from "../security/doctor/received/received.ts";
import { explainRejection } from "../security/doctor/received/rejection.ts";
import type { Store, UnitOfWork } from "../store/store.ts";

/** Explains why a merchant's program refuses a response or webhook of the sandbox. */
export class ReceivedMessages {
  readonly #store: Store;
  readonly #clock: RealClock;

  constructor(store: Store, clock: RealClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Diagnoses a message with the keys of every merchant, and with the notification that a webhook is about. */
  async diagnose(message: ReceivedMessage): Promise<ReceivedDiagnosis> {
    const known = await this.#store.atomically(
      async (unit) => ({
        hmacKeys: (await unit.all("merchant")).flatMap(({ merchantId, hmacKeys }) =>
          hmacKeys.map(({ kid, key }) => ({ kid, key, merchantId })),
        ),
        sentBody: message.url === undefined ? undefined : (await notificationIn(unit, message.body))?.body,
      }),
      { readOnly: true },
    );
    return diagnoseReceived(message, { ...known, nowMs: this.#clock.now() });
  }

  /** The likeliest cause of a 401 or 403 to an attempt; `undefined` for another response. */
  explainAttempt(notification: Notification, attempt: Attempt): string | undefined {
    return explainRejection(notification, attempt);
  }
}

/** Maximum number of ids in a body that are looked up. */
const idsMax = 20;

/** The notification whose id the body of a webhook contains, however the body was written. */
async function notificationIn(unit: UnitOfWork, body: Uint8Array): Promise<Notification | undefined> {
  const ids = [...new TextDecoder().decode(body).matchAll(/"id"\s*:\s*"([0-9A-Za-z]{27})"/g)];
  const found = await Promise.all(ids.slice(0, idsMax).map(([, id = ""]) => unit.get("notification", id)));
  return found.find((notification) => notification !== undefined);
}
