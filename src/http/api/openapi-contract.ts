import type { oas31 } from "zod-openapi";
import { contractOf, providerStatusOf } from "../../domain/contract.ts";
import type { ContractChanges, ContractProfile } from "../../domain/contract-rules.ts";
import { writeDuration } from "../../domain/duration.ts";
import type { RetrySchedule } from "../../domain/retry-schedule.ts";
import { paymentStatuses, refundStatuses } from "../../domain/statuses.ts";
import { json } from "../openapi.ts";

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
  for (const path of ["/v1/payments", "/v1/payments/{paymentId}/refunds"]) {
    const { responses = {} } = document.paths?.[path]?.post ?? {};
    const { 201: created, ...refusals } = responses;
    const operation = document.paths?.[path]?.post;
    if (contract.createStatus !== 201) withoutSentence(created as oas31.ResponseObject, " The status 201 is ours.");
    if (operation !== undefined) operation.responses = { [contract.createStatus]: created, ...refusals };
  }
  if (contract.amountUnit === "minor") {
    const description = "Cents: 20000 is HKD 200.00.";
    Object.assign(propertiesOf(schemas.Amount).value ?? {}, { type: "integer", description });
  }
  for (const { post } of Object.values(document.webhooks ?? {}) as oas31.PathItemObject[]) {
    if (post !== undefined) post.description = webhookDescription(contract);
  }
  if (contract.createMembers.length > 0) addCreateMembers(document, schemas, contract.createMembers);
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
  const creation = document.paths?.["/v1/payments"]?.post;
  const stored = document.paths?.["/v1/requests/payments"]?.get;
  for (const response of [creation, stored].flatMap((operation) => Object.values(operation?.responses ?? {}))) {
    const content = (response as oas31.ResponseObject).content?.[json];
    const isTracked =
      JSON.stringify(content?.schema) === JSON.stringify({ $ref: "#/components/schemas/TrackedPayment" });
    if (content !== undefined && isTracked) content.schema = { $ref: "#/components/schemas/CreatedPayment" };
  }
}
