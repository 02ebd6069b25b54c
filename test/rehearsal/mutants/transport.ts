import type { Mutant } from "./mutant.ts";

const verification = 'if (!isGenuine(request.headers["x-signature"], text, webhookUrl)) return { status: 401 };';
const splitOfLines = ".split(/,\\s*/).some(";

export const transportMutants: readonly Mutant[] = [
  {
    fails: ["webhook_header_lower_case", "webhook_header_upper_case"],
    find: 'request.headers["x-signature"]',
    replace: 'request.rawHeaders[request.rawHeaders.indexOf("X-Signature") + 1]',
  },
  {
    fails: ["webhook_chunked"],
    find: "for await (const part of request) parts.push(part);",
    replace: 'for await (const part of request) if (request.headers["content-length"] > 0) parts.push(part);',
  },
  {
    fails: ["webhook_charset"],
    find: verification,
    replace: `if (request.headers["content-type"] !== "application/json") return { status: 415 }; ${verification}`,
  },
  {
    fails: ["webhook_unusual_json"],
    find: verification,
    replace: verification.replace("text", "JSON.stringify(JSON.parse(text))"),
  },
  {
    fails: ["webhook_unknown_members"],
    find: "await receive(JSON.parse(text));",
    replace:
      'if (Object.keys(JSON.parse(text)).some((name) => !["id", "type", "live", "createTime", "payload"]' +
      ".includes(name))) return { status: 400 }; await receive(JSON.parse(text));",
  },
  {
    fails: ["webhook_unknown_signature_first"],
    find: splitOfLines,
    replace: ".split(/,\\s*/).slice(0, 1).some(",
  },
  {
    fails: ["webhook_unknown_signature_last"],
    find: splitOfLines,
    replace: ".split(/,\\s*/).slice(-1).some(",
  },
  {
    fails: ["webhook_unknown_type"],
    merchant: "trusting",
    find: 'if (type === "payment") {',
    replace:
      'if (type !== "refund" && payload.status === "captured" && orders.has(payload.merchantReference)) ' +
      "applyPayment(orders.get(payload.merchantReference), orders.get(payload.merchantReference).attempts[0], " +
      'payload.status); else if (type === "payment") {',
  },
  {
    fails: ["webhook_unknown_status"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace: 'if (!["pending", ...unpaidStatuses].includes(status) && attempt.captured === 0) {',
  },
  {
    fails: ["webhook_unknown_status"],
    find: "if (paidStatuses.includes(status) && attempt.captured === 0) {",
    replace:
      'if (!["pending", ...paidStatuses].includes(status)) attempt.isGivenUp = true; ' +
      "if (paidStatuses.includes(status) && attempt.captured === 0 && !attempt.isGivenUp) {",
  },
  {
    fails: ["webhook_behind_proxies"],
    plan: { publicUrl: "https://shop.example/webhooks" },
    find: verification,
    replace: verification.replace(
      "webhookUrl",
      '`${request.headers["x-forwarded-proto"]}://${request.headers["x-forwarded-host"]}/webhooks`',
    ),
  },
];
