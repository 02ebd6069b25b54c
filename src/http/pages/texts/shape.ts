import type { PayerWallet } from "../../../domain/payment.ts";
import type { DeclineReason, PaymentReason } from "../../../domain/statuses.ts";
import type { CommonTexts } from "../../../language/language.ts";
import type { Html } from "../../ui/html.ts";
import type { Ending } from "../ending.ts";

/** All texts of the payer's pages in one language. The compiler reports missing ones. */
export interface Texts extends CommonTexts {
  /** Name of the site: beside the mark, and in the title. */
  readonly site: string;
  /** Name beside the mark on the wallet page. */
  readonly walletName: string;
  /** Label of the phone beside the QR code. */
  readonly phone: string;
  readonly payTitle: (amount: string) => string;
  readonly youArePaying: string;
  /** Names the payment method. */
  readonly payWith: string;
  readonly payTo: string;
  readonly merchant: string;
  readonly reference: string;
  readonly timeLeft: string;
  readonly payBefore: (time: Html) => Html;
  /** Warning in the last minute. */
  readonly lastMinute: string;
  /** Shown beside the time left while the world's clock is frozen. */
  readonly clockFrozen: string;
  readonly steps: {
    readonly name: string;
    readonly created: string;
    readonly scan: string;
    readonly scanHint: string;
    readonly scanDone: string;
    readonly confirm: string;
    readonly confirmHint: string;
    readonly confirmDone: string;
    readonly back: (merchant: Html) => Html;
  };
  readonly qrCode: string;
  readonly scanTheCode: string;
  readonly scanned: string;
  readonly anyPhone: string;
  /** Status beside a code that no phone can open. */
  readonly unreachable: string;
  readonly usePhone: string;
  readonly startReachable: string;
  /** Placeholder of the admin token in the command. */
  readonly secret: string;
  readonly noPhone: string;
  readonly openWallet: string;
  readonly cancelAndReturn: (merchant: Html) => Html;
  readonly pay: (amount: string) => string;
  readonly cancel: string;
  readonly decline: string;
  readonly payersWallet: string;
  readonly wallets: Readonly<Record<PayerWallet, string>>;
  readonly otherOutcomes: string;
  readonly forTests: string;
  readonly walletDeclines: string;
  readonly declineReasons: Readonly<Record<DeclineReason, string>>;
  readonly noDecision: string;
  readonly expire: string;
  readonly fail: string;
  readonly returnFails: string;
  readonly payNeverReturns: string;
  readonly payReturnByPost: string;
  readonly lyingReturn: string;
  readonly endings: Readonly<Record<Ending, string>>;
  readonly reasons: Readonly<Record<PaymentReason, string>>;
  readonly date: string;
  readonly paymentId: string;
  readonly refunded: string;
  readonly returnTo: (merchant: Html) => Html;
  /** @param seconds the countdown; absent if the browser returns at once. */
  readonly returning: (merchant: Html, seconds?: Html) => Html;
  /** Label of the link to the merchant's app. */
  readonly openApp: (merchant: Html) => Html;
  readonly openingApp: (merchant: Html, seconds?: Html) => Html;
  readonly appHint: string;
  readonly codePageReturns: (merchant: Html) => Html;
  readonly neverReturns: string;
  readonly stay: string;
  readonly notFound: string;
  readonly notFoundSentence: string;
  readonly noPage: string;
  readonly noPageSentence: string;
  readonly toShop: string;
  readonly toInspector: string;
  readonly toPayment: string;
  readonly invalidForm: string;
  readonly invalidFormSentence: string;
}
