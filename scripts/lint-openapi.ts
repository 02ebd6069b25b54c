import { createConfig, lintFromString } from "@redocly/openapi-core";
import { openApiDocument } from "../src/http/api/openapi.ts";
import { controlDocument } from "../src/http/control/openapi.ts";

const base = "http://127.0.0.1:8852";
const documents = {
  "/openapi.json": openApiDocument(base, "0.0.0"),
  "/_sandbox/openapi.json": controlDocument(base, "0.0.0"),
};

/** Accepted warnings of the recommended rules, with reasons. Errors are never accepted. */
const accepted: Readonly<Record<string, string>> = {
  "operation-2xx-response": "operations that Alipay HK does not support never succeed",
  "info-license": "the documents have no licence of their own",
};

const config = await createConfig({ extends: ["recommended"] });
const found = await Promise.all(
  Object.entries(documents).map(async ([name, document]) => {
    const source = JSON.stringify(document, null, 2);
    const problems = await lintFromString({ source, absoluteRef: name.slice(1), config });
    return problems.map((problem) => ({ name, ...problem }));
  }),
);
const problems = found.flat();

const reported = problems.filter(({ severity, ruleId }) => severity === "error" || accepted[ruleId] === undefined);
for (const { name, severity, ruleId, message, location } of reported) {
  console.error(`${name}: ${severity} ${ruleId} at ${location[0]?.pointer ?? "#"}: ${message}`);
}
for (const [ruleId, reason] of Object.entries(accepted)) {
  const count = problems.filter((problem) => problem.ruleId === ruleId).length;
  console.log(`${count} accepted warnings of ${ruleId}: ${reason}.`);
}
console.log(`Redocly's recommended rules: ${reported.length === 0 ? "no problems" : `${reported.length} problems`}.`);
process.exitCode = reported.length === 0 ? 0 : 1;
