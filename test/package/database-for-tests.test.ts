import { afterEach, expect, test, vi } from "vitest";
import type { TestProject } from "vitest/node";
import { freePort } from "../../scripts/postgres.ts";
import { setup } from "../support/postgres-server.ts";

afterEach(() => void vi.unstubAllEnvs());

const sentence = /^There is no PostgreSQL for the tests \(.+\)/;
const remedy = "Run npm ci, or set SANDBOX_TEST_DATABASE_URL to the URL of a PostgreSQL";

/** A run of tests whose database is at a place where nobody listens. */
async function runWithoutDatabase(host: string) {
  vi.stubEnv("SANDBOX_TEST_DATABASE_URL", `postgres://keeper:open-sesame@${host}:${await freePort()}/shop`);
  const told = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const config: { testNamePattern?: RegExp } = {};
  const begun = setup({ config, provide: () => undefined } as unknown as TestProject);
  return { begun, told, config };
}

test.each(["127.0.0.1", "localhost"])(
  "where no database can be had at %s, a run of CI fails and says so",
  async (host) => {
    vi.stubEnv("CI", "true");
    const { begun, told } = await runWithoutDatabase(host);
    const complaint = await begun.then(
      () => "",
      ({ message }: Error) => message,
    );
    expect(complaint).toMatch(sentence);
    expect(complaint).toContain("with CI set no test may be skipped");
    expect(complaint).toContain(remedy);
    expect(told).not.toHaveBeenCalled();
  },
);

test.each(["127.0.0.1", "localhost"])(
  "where no database can be had at %s, elsewhere one sentence says so, and no test runs",
  async (host) => {
    vi.stubEnv("CI", "");
    const { begun, told, config } = await runWithoutDatabase(host);
    await begun;
    expect(told.mock.calls).toEqual([[expect.stringMatching(sentence)]]);
    expect(told.mock.calls[0]?.[0]).toContain(remedy);
    expect(config.testNamePattern?.test("a database that is gone")).toBe(false);
  },
);
