import { z } from "zod";
import type { SignatureVerdict } from "../../domain/logged-request.ts";
import type { NotificationState, NotificationType } from "../../domain/notification.ts";
import { transitions } from "../../domain/payment.ts";
import type { PaymentStatus } from "../../domain/statuses.ts";
import { cursorOf } from "../api/schemas.ts";

const processingAccountId = z.string().optional();
const text = z.string().optional();

/** A number that stands in a query as text. */
const queryNumber = (least: number, most: number, otherwise: number) =>
  z
    .string()
    .refine(
      (digits) => /^\d{1,5}$/.test(digits) && Number(digits) >= least && Number(digits) <= most,
      `must be a number from ${least} to ${most}`,
    )
    .meta({ override: { type: "integer", minimum: least, maximum: most, default: otherwise } })
    .transform(Number)
    .default(otherwise);

/** The members of a closed list of texts, each named once. */
const namesOf = <T extends string>(names: Readonly<Record<T, true>>) => z.enum(Object.keys(names) as T[]);

const paymentStatus = z.enum(Object.keys(transitions) as PaymentStatus[]);
const notificationType = namesOf<NotificationType>({ payment: true, refund: true });
const notificationState = namesOf<NotificationState>({
  due: true,
  retrying: true,
  delivered: true,
  exhausted: true,
  suppressed: true,
  no_endpoint: true,
});
const verdict = namesOf<SignatureVerdict>({ signed: true, unsigned: true, wrong: true, ignored: true });

/** The query of every list of a world. */
const partQuery = (list: string) => ({
  processingAccountId,
  limit: queryNumber(1, 1000, 100),
  cursor: cursorOf(list).optional(),
});

/** The names of the lists, as their cursors carry them. */
export const listNames = {
  payments: "payments of a world",
  notifications: "notifications",
  requests: "requests",
} as const;

export const worldPaymentsQuery = z.strictObject({
  ...partQuery(listNames.payments),
  status: paymentStatus.optional(),
  merchantReference: text,
});

export const notificationsQuery = z.strictObject({
  ...partQuery(listNames.notifications),
  paymentId: text,
  state: notificationState.optional(),
});

export const loggedRequestsQuery = z.strictObject(partQuery(listNames.requests));

/** Real time, in milliseconds: a minute at most. */
const timeoutMs = queryNumber(0, 60_000, 5000);

export const paymentWaitQuery = z.strictObject({ status: paymentStatus, timeoutMs });

export const notificationWaitQuery = z
  .strictObject({
    processingAccountId,
    type: notificationType.optional(),
    status: paymentStatus.optional(),
    paymentId: text,
    refundId: text,
    merchantReference: text,
    timeoutMs,
  })
  .transform(({ processingAccountId, timeoutMs, ...match }) => ({ processingAccountId, match, timeoutMs }));

const count = z
  .number()
  .refine((value) => Number.isSafeInteger(value) && value >= 0, "must be a whole number, 0 or more")
  .optional();

/** What a request is to be like. */
const requestMatch = z.strictObject({
  method: z
    .string()
    .refine((name) => /^[A-Z]+$/.test(name), "must be in upper case, like POST")
    .optional(),
  path: z
    .string()
    .refine((path) => /^\/[^?#]*$/.test(path), "must begin with / and have no query, which goes into match.query")
    .optional(),
  query: z.record(z.string(), z.string()).optional(),
  status: z
    .number()
    .refine((status) => Number.isInteger(status) && status >= 100 && status <= 599, "must be an HTTP status")
    .optional(),
  signature: verdict.optional(),
  body: z.unknown().optional(),
});

export const verifyBody = z
  .strictObject({ processingAccountId, match: requestMatch, atLeast: count, atMost: count, exactly: count })
  .refine(({ atLeast, atMost, exactly }) => exactly === undefined || (atLeast === undefined && atMost === undefined), {
    path: ["exactly"],
    error: "must stand alone, without atLeast and atMost",
  })
  .refine(({ atLeast = 0, atMost = Number.POSITIVE_INFINITY }) => atLeast <= atMost, {
    path: ["atLeast"],
    error: "must not be more than atMost",
  })
  .transform(({ processingAccountId, match, ...wanted }) => ({ processingAccountId, match, wanted }));
