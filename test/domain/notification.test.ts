import { describe, expect, test } from "vitest";
import { type Attempt, recordAttempt } from "../../src/domain/notification.ts";
import { notification, start } from "../support/records.ts";

function attempt(members: Partial<Attempt> = {}): Attempt {
  return { startedAt: start, url: "https://merchant.example/hook", requestHeaders: [], durationMs: 3, ...members };
}

function answered(status: number): Attempt {
  return attempt({ answer: { status, body: "" } });
}

describe("an attempt to deliver a notification", () => {
  test.each([200, 201, 202, 204, 299])("is acknowledged by %i", (status) => {
    expect(recordAttempt(notification(), answered(status)).state).toBe("delivered");
  });

  test.each([100, 199, 300, 301, 302, 304, 400, 401, 404, 429, 500, 503, 2000])(
    "is not acknowledged by %i",
    (status) => {
      expect(recordAttempt(notification(), answered(status)).state).not.toBe("delivered");
    },
  );

  test("is not acknowledged without an answer", () => {
    expect(recordAttempt(notification(), attempt({ error: "ECONNREFUSED" })).state).not.toBe("delivered");
  });

  test("is followed by the next one two minutes after its start, however long it took", () => {
    const slow = attempt({ startedAt: start + 5_000, durationMs: 30_000, error: "timeout" });
    expect(recordAttempt(notification(), slow).nextAttemptTime).toBe(start + 125_000);
  });

  test("is added after earlier attempts", () => {
    const before = Object.freeze(notification({ attempts: Object.freeze([answered(500)]) }));
    const after = recordAttempt(before, answered(204));
    expect(after).toEqual({ ...before, state: "delivered", attempts: [answered(500), answered(204)] });
    expect(before.attempts).toEqual([answered(500)]);
  });
});
