import type { Ids } from "../../platform/ids.ts";
import type { Store } from "../../store/store.ts";

/** Maximum number of sessions. A new one replaces the oldest. */
const sessionsMax = 100;

/** Sessions of the inspector, each with an unguessable id. They last as long as the store. */
export class Sessions {
  readonly #store: Store;
  readonly #ids: Ids;

  /** @param ids random ids: those of a seed can be guessed. */
  constructor(store: Store, ids: Ids) {
    this.#store = store;
    this.#ids = ids;
  }

  /** Begins a session. @returns its id. */
  async begin(): Promise<string> {
    const id = this.#ids.token("session", "");
    await this.#store.atomically(async (unit) => {
      await unit.save("session", { id });
      const open = await unit.all("session");
      for (const oldest of open.slice(0, Math.max(open.length - sessionsMax, 0))) {
        await unit.remove("session", oldest.id);
      }
    });
    return id;
  }

  async has(session: string): Promise<boolean> {
    return (await this.#store.atomically((unit) => unit.get("session", session), { readOnly: true })) !== undefined;
  }

  async end(session: string): Promise<void> {
    await this.#store.atomically((unit) => unit.remove("session", session));
  }
}
