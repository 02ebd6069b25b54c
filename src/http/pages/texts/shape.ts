import type { PayerWallet } from "../../../domain/payment.ts";
import type { DeclineReason, PaymentReason, PaymentStatus } from "../../../domain/statuses.ts";

/** All texts of the payer's pages in one language. The compiler reports missing ones. */
export interface Texts {
  /** Text of the stripe at the top. */
  readonly notice: string;
  /** Label of the language links. */
  readonly language: string;
  /** Name beside the mark on the wallet page. */
  readonly walletName: string;
  /** Label of the phone beside the QR code. */
  readonly phone: string;
  readonly payTitle: (amount: string) => string;
  readonly youArePaying: string;
  readonly payTo: string;
  readonly merchant: string;
  readonly reference: string;
  readonly timeLeft: string;
  readonly payBefore: (time: string) => string;
  /** Shown beside the time left while the world's clock is frozen. */
  readonly clockFrozen: string;
  readonly steps: {
    readonly name: string;
    readonly created: string;
    readonly scan: string;
    readonly scanHint: string;
    readonly confirm: string;
    readonly confirmHint: string;
    readonly back: string;
  };
  readonly qrCode: string;
  readonly scanTheCode: string;
  readonly scanned: string;
  readonly anyPhone: string;
  readonly unreachable: string;
  readonly noPhone: string;
  readonly openWallet: string;
  readonly cancelAndReturn: string;
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
  readonly statuses: Readonly<Record<PaymentStatus, string>>;
  readonly reasons: Readonly<Record<PaymentReason, string>>;
  readonly backToMerchant: string;
  readonly returnsByItself: string;
  readonly codePageReturns: string;
  readonly neverReturns: string;
  readonly stay: string;
  readonly notFound: string;
  readonly notFoundSentence: string;
  readonly invalidForm: string;
  readonly invalidFormSentence: string;
}
