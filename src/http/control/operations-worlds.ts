import { z } from "zod";
import * as answers from "./answers.ts";
import type { ControlOperation } from "./operation.ts";
import {
  advanceBody,
  changeWorldBody,
  clockBody,
  credentialBody,
  openWorldBody,
  resetBody,
  retireBody,
  rotateBody,
  worldOnly,
} from "./schemas.ts";
import { snapshotDocument } from "./snapshot-schema.ts";

/** Filled in by the document, which knows the settings. */
const worldSettings = z.looseObject({}).meta({ id: "WorldSettings" });

const world = z
  .object({ processingAccountId: z.string(), settings: worldSettings })
  .meta({ id: "World", description: "A world and its settings." });

const snapshot = z.unknown().meta({ id: "TakenSnapshot" });

/** Of RFC 7517. */
const exampleJwk = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
};

const document = z.looseObject({ openapi: z.string() });

export const sandboxOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/health",
    id: "getHealth",
    tag: "Sandbox",
    summary: "Whether the process lives",
    answers: { 200: { description: "It does.", schema: answers.health } },
    refusals: ["invalid_request"],
  },
  {
    method: "get",
    path: "/ready",
    id: "getReady",
    tag: "Sandbox",
    summary: "Whether it serves",
    answers: {
      200: { description: "It does.", schema: answers.ready },
      503: { description: "It is being closed, or its database cannot be reached.", schema: answers.notReady },
    },
    refusals: ["invalid_request"],
  },
  {
    method: "get",
    path: "/openapi.json",
    id: "getControlDocument",
    tag: "Sandbox",
    summary: "This document",
    answers: { 200: { description: "OpenAPI 3.1.", schema: document } },
    refusals: ["invalid_request"],
  },
];

export const merchantOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/credentials",
    id: "getCredentials",
    tag: "Merchants",
    summary: "Keys and ids of a merchant",
    query: worldOnly,
    answers: { 200: { description: "Those of the world's merchant.", schema: answers.credentials } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "post",
    path: "/credentials",
    id: "registerKey",
    tag: "Merchants",
    summary: "Register a public key of the merchant's own",
    body: { schema: credentialBody, example: { publicKey: exampleJwk } },
    answers: { 201: { description: "What was registered.", schema: answers.credential } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
  {
    method: "delete",
    path: "/credentials/{kid}",
    id: "removeKey",
    tag: "Merchants",
    summary: "Take a key away",
    answers: { 200: { description: "What it signs is refused from now on.", schema: answers.nothing } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "post",
    path: "/keys/rotate",
    id: "rotateHmacKey",
    tag: "Merchants",
    summary: "Make a new HMAC key",
    description: "The older ones sign too until the overlap, of world time, has passed.",
    body: { schema: rotateBody, optional: true, example: { overlap: "PT1H" } },
    answers: { 200: { description: "All keys as they are now.", schema: answers.credentials } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
  {
    method: "post",
    path: "/keys/retire",
    id: "retireHmacKey",
    tag: "Merchants",
    summary: "End an HMAC key now",
    body: { schema: retireBody, example: { hmacKid: "27yiW9MgzBtwiodreuNOXk0rtIw" } },
    answers: { 200: { description: "All keys as they are now.", schema: answers.credentials } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
  {
    method: "post",
    path: "/worlds",
    id: "openWorld",
    tag: "Merchants",
    summary: "Make a new merchant with one world",
    body: {
      schema: openWorldBody,
      optional: true,
      example: { settings: { webhookUrl: "http://localhost:3000/webhooks" }, clock: "2026-01-05T09:00:00Z" },
    },
    answers: { 201: { description: "Its keys and ids.", schema: answers.credentials } },
    refusals: ["invalid_request", "action_not_allowed"],
  },
];

export const worldOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/worlds/{processingAccountId}",
    id: "getWorld",
    tag: "Worlds",
    summary: "A world's settings",
    answers: { 200: { description: "They are these.", schema: world } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "patch",
    path: "/worlds/{processingAccountId}",
    id: "changeWorld",
    tag: "Worlds",
    summary: "Change some of a world's settings",
    body: { schema: changeWorldBody, example: { settings: { expiry: "PT5M" } } },
    answers: { 200: { description: "All settings as they are now.", schema: world } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "delete",
    path: "/worlds/{processingAccountId}",
    id: "removeWorld",
    tag: "Worlds",
    summary: "Remove a world with all that is in it",
    description: "The demo world stays. Waits end, deliveries under way are cut.",
    answers: { 200: { description: "It is gone.", schema: answers.nothing } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
  {
    method: "post",
    path: "/reset",
    id: "reset",
    tag: "Worlds",
    summary: "Put a world back to its start, or everything",
    description:
      "Waits end with `not_reached`, deliveries under way are cut, and nothing that began before writes after.",
    body: { schema: resetBody, optional: true, example: { all: true } },
    answers: { 200: { description: "The clock after that.", schema: answers.clock } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "get",
    path: "/snapshot",
    id: "takeSnapshot",
    tag: "Worlds",
    summary: "A world as one document",
    description: "What was measured on the real clock stands under `real`. An attempt under way counts as not made.",
    query: worldOnly,
    answers: { 200: { description: "The keys that the sandbox made are in it.", schema: snapshot } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "put",
    path: "/snapshot",
    id: "restoreSnapshot",
    tag: "Worlds",
    summary: "Put a world back as a document has it",
    description: "Ids, times and due tasks are as they were. The document says which world, and that must be there.",
    body: { schema: snapshotDocument },
    answers: { 200: { description: "The clock after that.", schema: answers.clock } },
    refusals: ["invalid_request", "not_found", "action_not_allowed"],
  },
];

export const clockOperations: readonly ControlOperation[] = [
  {
    method: "get",
    path: "/clock",
    id: "getClock",
    tag: "Clock",
    summary: "A world's time",
    query: worldOnly,
    answers: { 200: { description: "Where its clock stands.", schema: answers.clock } },
    refusals: ["invalid_request", "not_found"],
  },
  {
    method: "post",
    path: "/clock",
    id: "setClock",
    tag: "Clock",
    summary: "Stop a world's clock, here or at an instant ahead, or let it run",
    body: { schema: clockBody, example: { mode: "frozen" } },
    answers: { 200: { description: "Where it stands now.", schema: answers.clockSet } },
    refusals: ["invalid_request", "not_found", "clock_busy", "advance_limit"],
  },
  {
    method: "post",
    path: "/clock/advance",
    id: "advanceClock",
    tag: "Clock",
    summary: "Move a world's clock forward, and run what falls due on the way",
    description: "Each thing runs at its own time. It waits for the answers to the deliveries that it starts.",
    body: { schema: advanceBody, example: { by: "PT30M" } },
    answers: { 200: { description: "Where the clock came to.", schema: answers.clockMove } },
    refusals: ["invalid_request", "not_found", "clock_busy", "advance_limit"],
  },
  {
    method: "post",
    path: "/settle",
    id: "settle",
    tag: "Clock",
    summary: "Wait until nothing is due and no delivery is under way",
    body: { schema: worldOnly, optional: true, example: {} },
    answers: { 200: { description: "The clock, which was not moved.", schema: answers.clock } },
    refusals: ["invalid_request", "not_found"],
  },
];
