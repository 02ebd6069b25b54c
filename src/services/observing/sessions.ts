import type { Ids } from "../../platform/ids.ts";
import { sessionProof } from "../../security/session-proof.ts";
import type { Store } from "../../store/store.ts";

/** Maximum number of sessions. A new one replaces the oldest. */
const sessionsMax = 100;

/** Sessions of the inspector, each with an unguessable id. They last as long as the store and the admin token. */
export class Sessions {
  readonly #store: Store;
  readonly #ids: Ids;
  readonly #adminToken: string;

  /**
   * @param ids random ids: those of a seed can be guessed.
   * @param adminToken sessions end with it: those that began with another token are not valid.
   */
  constructor(store: Store, ids: Ids, adminToken: string) {
    this.#store = store;
    this.#ids = ids;
    this.#adminToken = adminToken;
  }

  /** Begins a session. @returns its id. */
  async begin(): Promise<string> {
    const id = this.#ids.token("session", "");
    await this.#store.atomically(async (unit) => {
      await unit.save("session", { id, proof: sessionProof(this.#adminToken, id) });
      const open = await unit.all("session");
      for (const oldest of open.slice(0, Math.max(open.length - sessionsMax, 0))) {
        await unit.remove("session", oldest.id);
      }
    });
    return id;
  }

  async has(session: string): Promise<boolean> {
    const found = await this.#store.atomically((unit) => unit.get("session", session), { readOnly: true });
    return found?.proof === sessionProof(this.#adminToken, session);
  }

  async end(session: string): Promise<void> {
    await this.#store.atomically((unit) => unit.remove("session", session));
  }
}
