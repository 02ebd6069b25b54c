import type { Path, Report } from "./check-states.ts";
import type { RecordsOfWorld } from "./records.ts";

/** Reports stored bodies that are not the JSON of their records: the sandbox sends them again and reads them. */
export function checkBodies(records: RecordsOfWorld, report: Report): void {
  records.notification.forEach(({ id, type, body }, index) => {
    const path: Path = ["records", "notification", index, "body"];
    const json = objectIn(body);
    const payload = json?.payload as Record<string, unknown> | undefined;
    const isOwn = json?.id === id && json.type === type;
    if (!isOwn) report(path, body, `must be a JSON object with the id ${id} and the type ${type}`);
    else if (typeof payload?.status !== "string" || typeof payload.merchantReference !== "string") {
      report(path, body, "must have a payload with a status and a merchantReference");
    }
  });
  records.replay.forEach(({ operation, paymentId, body }, index) => {
    const path: Path = ["records", "replay", index, "body"];
    const json = objectIn(body);
    if (json === undefined) report(path, body, "must be a JSON object");
    else if (operation === "payments" && json.id !== paymentId) report(path, body, `must have the id ${paymentId}`);
  });
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json) ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}
