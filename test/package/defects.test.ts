import { expect, test, vi } from "vitest";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";
import { createPaidPayment } from "../support/merchant.ts";

const defect = "the clock of this machine is broken";

/** A sandbox that gets a defect while it delivers a webhook. */
async function deliverWithDefect(options: SandboxOptions) {
  const sandbox = await createSandbox({
    ...options,
    webhook: () => {
      vi.spyOn(Date, "now").mockImplementationOnce(() => {
        throw new Error(defect);
      });
      return new Response(null, { status: 204 });
    },
  });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  await sandbox.close();
}

test.each<NonNullable<SandboxOptions["log"]>>(["pretty", "json", "silent"])(
  "the log %s shows a defect on standard error",
  async (log) => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    await deliverWithDefect({ log });
    const lines = write.mock.calls.map(([line]) => String(line));
    expect(lines.filter((line) => line.includes(defect))).toHaveLength(1);
  },
);

test("onDefect hears of a defect, and the silent log stays silent then", async () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const defects: unknown[] = [];
  await deliverWithDefect({ onDefect: (error) => defects.push(error) });
  expect(defects).toEqual([new Error(defect)]);
  expect(write).not.toHaveBeenCalled();
});

test("onDefect must be a function", async () => {
  await expect(createSandbox({ onDefect: "print" as never })).rejects.toThrow(
    'The option onDefect is "print"; expected a function.',
  );
});
