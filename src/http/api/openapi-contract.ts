import type { oas31 } from "zod-openapi";
import { contractOf, providerStatusOf } from "../../domain/contract.ts";
import type { ContractChanges, ContractProfile } from "../../domain/contract-rules.ts";
import { writeDuration } from "../../domain/duration.ts";
import { type Money, moneyFromMajor } from "../../domain/money.ts";
import type { RetrySchedule } from "../../domain/retry-schedule.ts";
import { paymentStatuses, refundStatuses } from "../../domain/statuses.ts";
import { json } from "../openapi.ts";
import { type AmountResource, presentAmount } from "./fields.ts";

type Schema = oas31.SchemaObject;

/** Changes the document of the default profile to that of another one. */
export function followContract(document: oas31.OpenAPIObject, changes: ContractChanges | undefined): void {
  if (changes === undefined) return;
  const contract = contractOf(changes);
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  for (const name of ["TrackedPayment", "Payment"]) {
    Object.assign(propertiesOf(schemas[name]).status ?? {}, { "x-sandbox-values": statusesUnder(changes) });
  }
  followRefundRules(document, schemas, contract);
  describeStatusFilter(document, changes);
  for (const path of creations) {
    const { responses = {} } = document.paths?.[path]?.post ?? {};
    const { 201: created, ...refusals } = responses;
    const operation = document.paths?.[path]?.post;
    if (contract.createStatus !== 201) withoutSentence(created as oas31.ResponseObject, " The status 201 is ours.");
    if (operation !== undefined) operation.responses = { [contract.createStatus]: created, ...refusals };
  }
  if (contract.amountUnit === "minor") useCents(document, schemas);
  for (const { post } of Object.values(document.webhooks ?? {}) as oas31.PathItemObject[]) {
    if (post !== undefined) post.description = webhookDescription(contract);
  }
  if (contract.createMembers.length > 0) addCreateMembers(document, schemas, contract.createMembers);
}

/** Paths of the operations whose request body has an amount. */
const creations = ["/v1/payments", "/v1/payments/{paymentId}/refunds"] as const;

/** Writes the amounts of answers and of examples in cents. The schemas of requests follow the profile themselves. */
function useCents(document: oas31.OpenAPIObject, schemas: Record<string, Schema>): void {
  const description = "Cents: 20000 is HKD 200.00.";
  Object.assign(propertiesOf(schemas.Amount).value ?? {}, { type: "integer", description });
  for (const path of creations) {
    const content = bodyOf(document, path);
    const { amount, ...others } = (content.example ?? {}) as { readonly amount?: AmountResource };
    const money = moneyFromMajor(amount?.value ?? 0) as Money;
    content.example = { ...others, amount: presentAmount(money, { amountUnit: "minor" }) };
  }
}

function bodyOf(document: oas31.OpenAPIObject, path: string): oas31.MediaTypeObject {
  const body = document.paths?.[path]?.post?.requestBody as oas31.RequestBodyObject | undefined;
  return body?.content[json] ?? {};
}

/** States of a payment whose status a profile can name otherwise. */
const namedStates = [
  { status: "captured" },
  { status: "aborted", reason: "cancelled_by_consumer" },
  { status: "aborted", reason: "expired" },
  { status: "failed" },
] as const;

/** Says which of its own words the filter of a list takes, if the profile has others. */
function describeStatusFilter(document: oas31.OpenAPIObject, contract: ContractChanges): void {
  const pairs = namedStates
    .map((state) => ({ own: state.status, named: providerStatusOf({ ...state, contract }) }))
    .filter(({ own, named }) => own !== named)
    .map(({ own, named }) => `\`${own}\` for \`${named}\``);
  const filter = (document.paths?.["/v1/payments"]?.get?.parameters ?? []).find(
    (parameter): parameter is oas31.ParameterObject => "name" in parameter && parameter.name === "status",
  );
  if (pairs.length === 0 || filter === undefined) return;
  filter.description += ` It takes the sandbox's own words: ${[...new Set(pairs)].join(", ")}.`;
}

function withoutSentence(response: oas31.ResponseObject, sentence: string): void {
  response.description = response.description?.replace(sentence, "");
}

function followRefundRules(
  document: oas31.OpenAPIObject,
  schemas: Record<string, Schema>,
  contract: ContractProfile,
): void {
  if (contract.refundedStatus === "refunded") {
    for (const name of ["TrackedRefund", "Refund"]) {
      Object.assign(propertiesOf(schemas[name]).status ?? {}, { "x-sandbox-values": refundStatuses });
    }
  }
  const createRefund = document.paths?.["/v1/payments/{paymentId}/refunds"]?.post;
  if (createRefund !== undefined && contract.partialRefunds === "one_then_rest") {
    createRefund.description = `${createRefund.description} After it, only all that is left can be refunded.`;
  }
  if (contract.refundMode === "final_at_once") {
    const description = "The refund. It is final, unless a scenario delays it.";
    Object.assign(createRefund?.responses?.[201] ?? {}, { description });
  }
  const announced = [
    ...(contract.pendingNotification === "on" ? ["was created"] : []),
    "is no longer `pending`",
    ...(contract.refundNotifications === "refund_and_payment" ? ["was changed by a refund"] : []),
  ];
  Object.assign(document.webhooks?.payment?.post ?? {}, { summary: `A payment ${announced.join(", or ")}` });
}

/** Description of a webhook under a profile. */
export function webhookDescription({ retrySchedule, notificationQueue }: ContractProfile): string {
  const retries = retriesInWords(retrySchedule);
  const order =
    notificationQueue === "independent"
      ? "Notifications may arrive in any order. [plugin]"
      : "Later notifications of the endpoint wait until it is acknowledged or dropped.";
  return `Any 2xx within 30 seconds acknowledges it. ${retries} ${order} Redirects are not followed. [ours]`;
}

function retriesInWords(schedule: RetrySchedule): string {
  if (schedule === "provider") {
    return (
      "Otherwise it is sent again, in 22 attempts altogether: 2, 5, 8, 15 and 30 minutes, 1, 2 and 4 hours, and " +
      "thirteen times 8 hours after the previous attempt [docs], from its start. [ours]"
    );
  }
  if (schedule.length === 0) return "Otherwise it is dropped.";
  const delays = schedule.map(writeDuration).join(", ");
  return (
    `Otherwise it is sent again, in ${schedule.length + 1} attempts altogether: ` +
    `${delays} after the start of the previous attempt.`
  );
}

/** The statuses that payments have under a profile. */
function statusesUnder(contract: ContractChanges): readonly string[] {
  const expired = providerStatusOf({ status: "aborted", reason: "expired", contract });
  return [...new Set([...paymentStatuses.map((status) => providerStatusOf({ status, contract })), expired])];
}

const propertiesOf = (schema: Schema | undefined) => (schema?.properties ?? {}) as Record<string, Schema>;

/** Gives the answer to a creation, also a stored one, a schema of its own with further members. */
function addCreateMembers(
  document: oas31.OpenAPIObject,
  schemas: Record<string, Schema>,
  names: readonly string[],
): void {
  const { TrackedPayment: tracked = {}, Payment: payment, CreatePayment: request } = schemas;
  const known = { ...propertiesOf(payment), paymentMethod: propertiesOf(request).paymentMethod };
  const added = Object.fromEntries(
    Object.entries(known).filter(([name]) => names.includes(name)),
  ) as Schema["properties"];
  schemas.CreatedPayment = {
    ...structuredClone(tracked),
    properties: { ...structuredClone(propertiesOf(tracked)), ...structuredClone(added) },
    required: [...(tracked.required ?? []), ...names],
  };
  const instant = "2026-01-05T09:00:00.000Z";
  const values = { createTime: instant, updateTime: instant, ...bodyOf(document, "/v1/payments").example };
  const examples = Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  const creation = document.paths?.["/v1/payments"]?.post;
  const stored = document.paths?.["/v1/requests/payments"]?.get;
  for (const response of [creation, stored].flatMap((operation) => Object.values(operation?.responses ?? {}))) {
    const content = (response as oas31.ResponseObject).content?.[json];
    const isTracked =
      JSON.stringify(content?.schema) === JSON.stringify({ $ref: "#/components/schemas/TrackedPayment" });
    if (content === undefined || !isTracked) continue;
    content.schema = { $ref: "#/components/schemas/CreatedPayment" };
    if (content.example !== undefined) content.example = { ...content.example, ...examples };
  }
}
