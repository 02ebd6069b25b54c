import type { Client } from "pg";
import { expect, test } from "vitest";
import { StatementNames } from "../../src/store/postgres/statement-names.ts";
import { CollisionError, Statements } from "../../src/store/postgres/statements.ts";

test.each(["26000", "42P05"])("a unit runs again without names after a pooler answered with %s", async (code) => {
  const sent: (string | undefined)[] = [];
  const query = async ({ name }: { name?: string }) => {
    sent.push(name);
    if (name !== undefined) throw Object.assign(new Error("unknown statement"), { severity: "ERROR", code });
    return { rows: [{ key: "a" }] };
  };
  const client = { pipeline: true, query } as unknown as Client;
  const names = new StatementNames("replica-1");
  const read = () => new Statements(client, names).query("SELECT $1 AS key", ["a"]);
  await expect(read()).rejects.toThrow(CollisionError);
  expect(await read()).toEqual([{ key: "a" }]);
  expect(sent).toEqual(["replica-1 0", undefined]);
});
