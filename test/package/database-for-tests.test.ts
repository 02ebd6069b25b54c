import { afterEach, expect, test, vi } from "vitest";
import type { TestProject } from "vitest/node";
import { freePort } from "../../scripts/free-port.ts";
import { setup } from "../support/postgres-server.ts";

afterEach(() => void vi.unstubAllEnvs());

const sentence = /^There is no PostgreSQL for the tests \(.+\)/;
const remedy = "Run npm ci, or set SANDBOX_TEST_DATABASE_URL to the URL of a PostgreSQL";

/** Starts a test run whose database URL has a port without a listener. */
async function runWithoutDatabase(host: string) {
  vi.stubEnv("SANDBOX_TEST_DATABASE_URL", `postgres://keeper:open-sesame@${host}:${await freePort()}/shop`);
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const config: { testNamePattern?: RegExp } = {};
  const started = setup({ config, provide: () => undefined } as unknown as TestProject);
  return { started, printed, config };
}

test.each(["127.0.0.1", "localhost"])("without a database at %s, a run in CI fails with a message", async (host) => {
  vi.stubEnv("CI", "true");
  const { started, printed } = await runWithoutDatabase(host);
  const complaint = await started.then(
    () => "",
    ({ message }: Error) => message,
  );
  expect(complaint).toMatch(sentence);
  expect(complaint).toContain("with CI set no test may be skipped");
  expect(complaint).toContain(remedy);
  expect(printed).not.toHaveBeenCalled();
});

test.each(["127.0.0.1", "localhost"])(
  "without a database at %s, a run outside CI prints one sentence and runs no database test",
  async (host) => {
    vi.stubEnv("CI", "");
    const { started, printed, config } = await runWithoutDatabase(host);
    await started;
    expect(printed.mock.calls).toEqual([[expect.stringMatching(sentence)]]);
    expect(printed.mock.calls[0]?.[0]).toContain(remedy);
    expect(config.testNamePattern?.test("a database that is gone")).toBe(false);
  },
);
