import type { PayerWallet } from "../../../domain/payment.ts";
import type { DeclineReason, PaymentReason, PaymentStatus } from "../../../domain/statuses.ts";

/** All that the payer's pages say, in one language: the compiler misses what is missing. */
export interface Texts {
  /** The stripe on top. */
  readonly notice: string;
  /** What the choice of languages is called. */
  readonly language: string;
  /** What stands beside the mark on the wallet page. */
  readonly walletName: string;
  /** What the phone is called that is drawn beside the QR code. */
  readonly phone: string;
  readonly payTitle: (amount: string) => string;
  readonly youArePaying: string;
  readonly payTo: string;
  readonly merchant: string;
  readonly reference: string;
  readonly timeLeft: string;
  readonly payBefore: (time: string) => string;
  /** Said beside the time left where the world's clock is frozen. */
  readonly clockStands: string;
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
  readonly noPhoneYet: string;
  readonly noPhoneAtHand: string;
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
  readonly noAnswer: string;
  readonly expire: string;
  readonly fail: string;
  readonly wayBackGoesWrong: string;
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
  readonly notUnderstood: string;
  readonly notUnderstoodSentence: string;
}
