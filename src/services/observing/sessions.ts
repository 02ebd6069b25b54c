import type { Ids } from "../../platform/ids.ts";
import type { Store } from "../../store/store.ts";

/** More than so many are not kept: the oldest is forgotten. */
const sessionsMax = 100;

/** Who has signed in to the inspector, by a text that nobody can guess. They last as long as the records. */
export class Sessions {
  readonly #store: Store;
  readonly #ids: Ids;

  /** @param ids random ones: what follows from a seed can be guessed. */
  constructor(store: Store, ids: Ids) {
    this.#store = store;
    this.#ids = ids;
  }

  /** Begins a session. @returns what to show from then on. */
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
