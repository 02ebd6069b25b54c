/** The rules of the contract with the provider that change what the shop sends and offers. */
export interface Contract {
  /** Unit of the amounts in requests, responses and webhooks: dollars, or cents. */
  readonly amountUnit: "major" | "minor";
  /** Refunds after a partial one: none, or one of all that is left. */
  readonly partialRefunds: "one_then_none" | "one_then_rest";
}

export const usualContract: Contract = { amountUnit: "major", partialRefunds: "one_then_none" };
