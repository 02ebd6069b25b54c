import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "../config/config.ts";
import type { RehearsalResult } from "../rehearsal/result.ts";

const kinds = ["junit", "html", "json"] as const;

/** A report to write. */
export interface RequestedReport {
  readonly kind: (typeof kinds)[number];
  readonly path: string;
}

/** Reads `--report`: `KIND=PATH`, several with commas. Throws `ConfigError`, also for a folder that is not there. */
export function readReports(given: string | undefined): RequestedReport[] {
  if (given === undefined) return [];
  return given.split(new RegExp(`,(?=(?:${kinds.join("|")})=)`)).map((text) => {
    const [, name = "", path = ""] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
    const kind = kinds.find((candidate) => candidate === name);
    if (kind === undefined) {
      throw new ConfigError(`--report is ${JSON.stringify(text)}; expected ${kinds.join(", ")} with =PATH.`);
    }
    requireWritable(path);
    return { kind, path };
  });
}

function requireWritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): ConfigError {
  return new ConfigError(`--report is ${JSON.stringify(path)}, which cannot be written: ${(error as Error).message}.`);
}

/** Writes the reports. Throws `ConfigError` for a file that cannot be written. */
export async function writeReports(reports: readonly RequestedReport[], result: RehearsalResult): Promise<void> {
  for (const { kind, path } of reports) {
    const text = await contents[kind](result);
    try {
      writeFileSync(path, text);
    } catch (error) {
      throw unwritable(path, error);
    }
  }
}

const contents: Readonly<Record<RequestedReport["kind"], (result: RehearsalResult) => Promise<string>>> = {
  junit: async (result) => (await import("../rehearsal/report/junit.ts")).junitReport(result),
  json: async (result) => {
    const { jsonReport } = await import("../rehearsal/report/json.ts");
    return `${JSON.stringify(jsonReport(result), null, 2)}\n`;
  },
  html: async (result) => {
    const { htmlReport } = await import("../rehearsal/report/html.ts");
    const { cases } = await import("../rehearsal/cases.ts");
    return htmlReport(result, cases);
  },
};
