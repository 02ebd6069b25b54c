import type { CommonTexts } from "../../language/language.ts";
import type { ItemId } from "../goods.ts";
import type { Trouble, Verdict } from "../orders.ts";
import type { State } from "../states.ts";

interface ItemTexts {
  readonly name: string;
  readonly description: string;
}

/** All texts of the shop in one language. The compiler reports missing ones. */
export interface Texts extends CommonTexts {
  /** Label of the links in the header. */
  readonly shop: string;
  readonly orders: string;
  /** The sentences of the footer, around the name of the folder. */
  readonly about: readonly [before: string, after: string];
  readonly toInspector: string;
  readonly menu: string;
  readonly question: string;
  readonly goods: Readonly<Record<ItemId, ItemTexts>>;
  readonly testingShelf: string;
  readonly testingShelfHint: string;
  readonly yourOrder: string;
  readonly pay: string;
  readonly flows: Readonly<Record<"qr_link" | "mobile_redirect", ItemTexts>>;
  readonly buy: string;
  readonly nothingReal: string;
  readonly toMenu: string;
  readonly backToMenu: string;
  readonly noOrders: string;
  readonly orderTitle: (state: string, number: string) => string;
  readonly states: Readonly<Record<State, { readonly name: string; readonly sentence: string }>>;
  /** In front of the provider's sentence on the end of a payment. */
  readonly fromProvider: string;
  /** In front of why the state of an order is unknown. */
  readonly unknownState: string;
  readonly troubles: Readonly<Record<Trouble, string>>;
  readonly tryAgain: string;
  readonly continue: string;
  readonly order: string;
  readonly payment: string;
  readonly timeline: string;
  /** Heading of the payments of an order that needs attention. */
  readonly payments: string;
  readonly notStarted: string;
  readonly refundPayment: (amount: string) => string;
  readonly refunds: string;
  /** By the provider's status. */
  readonly refundStates: Readonly<Record<string, string>>;
  readonly onePartialRefund: string;
  readonly partInHkd: string;
  readonly refundPart: string;
  readonly refundAll: (amount: string) => string;
  readonly exchange: string;
  readonly nothingYet: string;
  readonly request: string;
  readonly webhook: string;
  readonly return: string;
  readonly returned: string;
  readonly sent: string;
  readonly received: string;
  readonly noResponse: string;
  readonly connectionFailed: string;
  readonly signed: (isGenuine: boolean, times: number) => string;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  /** In place of a signature. */
  readonly missing: string;
  readonly validFor: (minutes: number) => string;
  readonly unreadable: string;
  readonly closed: string;
  readonly closedSentence: (status: number) => string;
  readonly unknownOrder: string;
  readonly unknownOrderSentence: string;
  readonly noPage: string;
  readonly noPageSentence: string;
  readonly invalidForm: string;
  readonly invalidFormSentence: string;
}
