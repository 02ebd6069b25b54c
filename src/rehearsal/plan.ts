import { z } from "zod";

/** States of an order, in the words of the rehearsal. */
export const orderStates = ["unpaid", "paid", "refunded", "partially_refunded", "failed", "attention"] as const;
export type OrderState = (typeof orderStates)[number];

const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i)
  .meta({ description: "An http or https URL without user name." });
const pointer = z
  .string()
  .regex(/^(\/.*)?$/)
  .meta({ description: "A JSON pointer (RFC 6901), such as /order/status." });
const milliseconds = (byDefault: number, description: string) =>
  z
    .int()
    .min(1)
    .max(600_000)
    .default(byDefault)
    .meta({ description: `${description}, in milliseconds.` });

const capture = z
  .union([
    z.strictObject({ header: z.string().min(1).meta({ description: "Name of a header." }) }),
    z.strictObject({ pointer }),
    z.strictObject({ field: z.string().min(1).meta({ description: "Name of a form's field or of a meta element." }) }),
  ])
  .meta({ description: "A value of the response: a header, a member of the JSON, or a field of a form by its name." });

const step = z
  .strictObject({
    request: z
      .string()
      .regex(/^(GET|POST|PUT|PATCH|DELETE) \/\S*$/)
      .meta({ description: "Method and path, such as POST /orders." }),
    headers: z.record(z.string(), z.string()).optional().meta({ description: "Further headers." }),
    form: z.record(z.string(), z.string()).optional().meta({ description: "Fields of a form." }),
    json: z.unknown().optional().meta({ description: "A JSON body." }),
    capture: z
      .record(z.string().regex(/^[a-z]\w*$/i), capture)
      .optional()
      .meta({ description: "Values of the response for {name} in later texts, by that name." }),
  })
  .meta({ description: "One HTTP request. Texts may contain {unique}, {amount}, or {name} of an earlier capture." });

const action = z
  .union([
    z.strictObject({
      steps: z.array(step).min(1).max(3).meta({ description: "HTTP requests of one browser, in order." }),
    }),
    z.strictObject({ command: z.string().min(1).meta({ description: "Runs in the shell; $1 is the reference." }) }),
  ])
  .meta({ description: "One to three HTTP steps, or a command for the shell." });

const order = z
  .strictObject({
    url: z.string().min(1).optional().meta({ description: "Path or URL; {reference} is the merchantReference." }),
    command: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "A command that prints the order as JSON or as a word." }),
    asCustomer: z
      .boolean()
      .default(false)
      .meta({ description: "Reads the URL with the cookies of the customer who bought." }),
    pointer: pointer.default("/status").meta({ description: "Where the response has the merchant's word." }),
    words: z
      .record(z.string(), z.enum(orderStates))
      .default({})
      .meta({ description: "The merchant's words, and the state that each of them means." }),
    notFound: z
      .enum(orderStates)
      .optional()
      .meta({ description: "The state that a 404 means; unpaid for a shop that creates an order when it is paid." }),
    paidText: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Instead of words: a text that the page has only if the order is paid." }),
    paidAmount: pointer.optional().meta({ description: "Where the response has the paid amount, in HKD." }),
    refundedAmount: pointer.optional().meta({ description: "Where the response has the refunded amount, in HKD." }),
    effects: pointer.optional().meta({ description: "Where the response counts fulfilments, mails or goods sent." }),
    goodsAmount: pointer
      .optional()
      .meta({ description: "Where the response has the value of the goods that the order sends, in HKD." }),
    stock: pointer
      .optional()
      .meta({ description: "Where the response has the number of goods that nobody has bought or reserved." }),
    limitMs: milliseconds(5_000, "Maximum time until the order shows a change"),
  })
  .refine((given) => (given.url === undefined) !== (given.command === undefined), {
    message: "expected either url or command",
  })
  .refine((given) => given.paidText !== undefined || Object.keys(given.words).length > 0, {
    message: "expected words or paidText",
  });

/** Whether a text is a regular expression with at least one group. */
function isPattern(text: string): boolean {
  try {
    return new RegExp(`${text}|`).exec("")?.length !== 1;
  } catch {
    return false;
  }
}

/** The whole of `rehearsal.json`. */
export const planSchema = z.strictObject({
  $schema: z.string().optional().meta({ description: "Location of the schema of this file." }),
  start: z
    .strictObject({
      command: z.string().min(1).meta({ description: "Starts the merchant's server; for the shell." }),
      directory: z.string().min(1).optional().meta({ description: "Its folder; by default that of this file." }),
      env: z.record(z.string(), z.string()).default({}).meta({ description: "Variables besides NOMUPAY_*." }),
      limitMs: milliseconds(30_000, "Maximum time until the server accepts connections"),
      keepsOrders: z
        .boolean()
        .default(true)
        .meta({ description: "false: orders are lost with the process, so no case reads them after its end." }),
    })
    .optional()
    .meta({ description: "Absent if the server runs already." }),
  url: httpUrl.optional().meta({ description: "Base of the merchant's pages; by default the origin of webhookUrl." }),
  webhookUrl: httpUrl.meta({ description: "The merchant's endpoint for notifications." }),
  publicUrl: httpUrl.optional().meta({
    description:
      "The endpoint's public https URL, if a proxy is before the server. Notifications are signed for it, and have " +
      "its Host and the X-Forwarded headers of a proxy.",
  }),
  checkout: action.meta({ description: "What a customer does until the server creates a payment." }),
  checkoutOnPhone: action.optional().meta({
    description:
      "The checkout of a customer with a phone, for the flow mobile_redirect; by default checkout, with the " +
      "User-Agent of a phone.",
  }),
  number: z
    .string()
    .min(1)
    .refine(isPattern, { message: "expected a regular expression with one group" })
    .optional()
    .meta({
      description: "A regular expression with one group that finds {number}, the order's number, in returnUrl.",
    }),
  order: order.optional().meta({ description: "The merchant's view of an order. Without it only the wire is judged." }),
  refund: action.optional().meta({ description: "Refunds {amount} HKD of the order {reference}." }),
  payAgain: action
    .optional()
    .meta({ description: "Starts another attempt to pay the order {reference}; without it no case tries again." }),
  cancel: action.optional().meta({ description: "Cancels the order {reference} before it is paid." }),
  change: action.optional().meta({ description: "Changes the cart of the customer after the checkout." }),
  jobs: action.optional().meta({ description: "Runs the merchant's own jobs that track or expire payments." }),
  requestLimitMs: milliseconds(10_000, "Maximum time of a response of the merchant"),
  slowAnswerMs: milliseconds(10_000, "Duration of a slow answer of the provider"),
  casesOf: z
    .string()
    .regex(/^\d+\.\d+\.\d+/)
    .optional()
    .meta({
      description: "Version of the sandbox whose cases count. Newer cases cannot fail the run in their first 30 days.",
    }),
});

/** A plan as a file or a caller gives it. */
export type PlanInput = z.input<typeof planSchema>;
/** A plan with its defaults. */
export type Plan = z.output<typeof planSchema>;
/** Steps of a browser, or a command. */
export type PlanAction = z.output<typeof action>;
/** One HTTP request. */
export type PlanStep = z.output<typeof step>;
/** Where a response has a value. */
export type PlanCapture = z.output<typeof capture>;

/** An error of the plan or of the merchant's setup. It stops the run. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** Reads a plan. Throws `SetupError` that names every wrong member. @param origin names the plan in the error. */
export function readPlan(given: unknown, origin: string): Plan {
  const parsed = planSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => {
    const { path, message } = innermost(issue);
    return `${path.join(".") || "the plan"}: ${message}`;
  });
  throw new SetupError(`${origin} is not valid. ${complaints.join("; ")}.`);
}

/** The error in the alternative of a union that fits best: the one whose error is deepest. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const inside = issue.errors.flatMap((errors) => errors.slice(0, 1).map(innermost));
  const best = inside.toSorted((a, b) => b.path.length - a.path.length)[0];
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

/** What a plan can offer to the cases, and how a plan offers it. */
export const hookHelp = {
  order: "order: the merchant's view of an order",
  paidAmount: "order.paidAmount: where the order shows the paid amount",
  refundedAmount: "order.refundedAmount: where the order shows the refunded amount",
  effects: "order.effects: where the order counts fulfilments",
  goodsAmount: "order.goodsAmount: where the order shows the value of its goods",
  stock: "order.stock: where the order shows how many goods are available",
  amounts: "{amount} in a step of the checkout",
  start: "start: the command of the server",
  keepsOrders: "start, with orders that survive the end of the server",
  refund: "refund: how an employee refunds an order",
  payAgain: "payAgain: how the customer tries again to pay an order",
  cancel: "cancel: how an order is cancelled",
  change: "change: how the customer changes the cart after the checkout",
  jobs: "jobs: how the merchant's own jobs are run",
  publicUrl: "publicUrl: the public URL of the endpoint",
} as const;
/** A member of the plan that opens cases. */
export type Hook = keyof typeof hookHelp;

/** The hooks that a plan has. */
export function hooksOf(plan: Plan): ReadonlySet<Hook> {
  const { order, start } = plan;
  const has: Readonly<Record<Hook, boolean>> = {
    order: order !== undefined,
    paidAmount: order?.paidAmount !== undefined,
    refundedAmount: order?.refundedAmount !== undefined,
    effects: order?.effects !== undefined,
    goodsAmount: order?.goodsAmount !== undefined,
    stock: order?.stock !== undefined,
    amounts: JSON.stringify(plan.checkout).includes("{amount}"),
    start: start !== undefined,
    keepsOrders: start?.keepsOrders === true,
    refund: plan.refund !== undefined,
    payAgain: plan.payAgain !== undefined,
    cancel: plan.cancel !== undefined,
    change: plan.change !== undefined,
    jobs: plan.jobs !== undefined,
    publicUrl: plan.publicUrl !== undefined,
  };
  return new Set(Object.entries(has).flatMap(([hook, isThere]) => (isThere ? [hook as Hook] : [])));
}
