import type { Credentials } from "../client/types.ts";
import { presentCredentials } from "../http/control/merchants.ts";
import type { Merchants, MerchantView } from "../services/worlds/merchants.ts";
import type { Store } from "../store/store.ts";

/** The demo merchant's keys in memory, so that the handle does not wait for the store. */
export class DemoCredentials {
  readonly #merchants: Merchants;
  #view: MerchantView | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(store: Store, merchants: Merchants, onDefect: (error: unknown) => void) {
    this.#merchants = merchants;
    store.subscribe((changes) => {
      const isAboutKeys =
        changes === "anything" || changes.some(({ kind }) => kind === "merchant" || kind === "credential");
      if (!isAboutKeys) return;
      this.#refreshing = this.refresh().catch((error: unknown) => {
        if (!store.isUnavailable(error)) onDefect(error);
      });
    });
  }

  /** Resolves when it has read all changes until now. */
  upToDate(): Promise<void> {
    return this.#refreshing;
  }

  async refresh(): Promise<void> {
    const view = await this.#merchants.view();
    if (view.ok) this.#view = view.value;
  }

  present(baseUrl: string): Credentials {
    if (this.#view === undefined) throw new Error("the demo merchant is not in the store yet");
    return { ...presentCredentials(this.#view, baseUrl), privateKey: this.#view.credential?.privateKey ?? "" };
  }
}
