import type { Ids } from "../platform/ids.ts";

/** More than so many are not kept: the oldest is forgotten. */
const sessionsMax = 100;

/** Who has signed in to the inspector, by a text that nobody can guess. They last as long as the process. */
export class Sessions {
  readonly #ids: Ids;
  readonly #open = new Set<string>();

  /** @param ids random ones: what follows from a seed can be guessed. */
  constructor(ids: Ids) {
    this.#ids = ids;
  }

  /** Begins a session. @returns what to show from then on. */
  begin(): string {
    const session = this.#ids.token("session", "");
    this.#open.add(session);
    for (const oldest of this.#open) {
      if (this.#open.size <= sessionsMax) break;
      this.#open.delete(oldest);
    }
    return session;
  }

  has(session: string): boolean {
    return this.#open.has(session);
  }

  end(session: string): void {
    this.#open.delete(session);
  }
}
