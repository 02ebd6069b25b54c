import { randomBytes } from "node:crypto";
import { Pool, type PoolClient } from "pg";
import { createSandbox, type Sandbox } from "../src/index.ts";
import { median, rateOf } from "./measuring.ts";
import { startPostgres } from "./postgres.ts";

const rounds = 7;
const paymentsPerRound = 400;
const concurrency = 20;
const connections = 10;
const worldCount = 10;

/** A row that a payment writes. */
interface Row {
  readonly table: string;
  readonly columns: readonly string[];
  readonly values: readonly string[];
}

/** Random letters and digits; with a length of 27 they are a valid KSUID. */
function randomText(length: number): string {
  return `1${randomBytes(length).toString("hex").slice(1, length)}`;
}

async function createPayment(sandbox: Sandbox, processingAccountId: string): Promise<void> {
  const answer = await sandbox.fetch(`/v1/payments?idempotencyKey=${randomText(36)}`, {
    method: "POST",
    body: JSON.stringify({
      processingAccountId,
      merchantReference: randomText(36),
      amount: { value: 200, currency: "hkd" },
      paymentMethod: {
        type: "alipay_hk",
        alipayHk: { returnUrl: "https://merchant.site/complete-payment", flowType: "qr_link" },
      },
    }),
  });
  if (answer.status !== 201) throw new Error(await answer.text());
  await answer.arrayBuffer();
}

const requestTable = "request";
const requestColumns = ["world", "sequence", "payment", "bytes", "request"];

/** Rows of the tables that grow with payments. */
async function rowsIn(pool: Pool, schema: string): Promise<Row[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables
      WHERE schemaname = $1 AND tablename NOT IN ('sandbox_version', 'request_log')`,
    [schema],
  );
  const all: Row[] = [];
  for (const { name: table } of tables) {
    const columns = table === requestTable ? requestColumns : ["key", "record"];
    const listed = columns.map((column) => `${column}::text`).join(", ");
    const { rows } = await pool.query<Record<string, string>>(`SELECT ${listed} FROM "${schema}"."${table}"`);
    all.push(...rows.map((row) => ({ table, columns, values: columns.map((column) => row[column] ?? "") })));
  }
  return all;
}

/** Rows that one more payment writes in an existing world. */
async function rowsOfPayment(pool: Pool, schema: string, sandbox: Sandbox): Promise<Row[]> {
  const perWorld = ["replica", "lease"];
  const currentRows = async () => {
    // Requests are written shortly after their responses, or when they are read.
    await (await sandbox.fetch("/_sandbox/requests?limit=1")).arrayBuffer();
    return (await rowsIn(pool, schema)).filter(({ table }) => !perWorld.includes(table));
  };
  await createPayment(sandbox, sandbox.processingAccountId);
  const before = new Set((await currentRows()).map((row) => JSON.stringify(row)));
  await createPayment(sandbox, sandbox.processingAccountId);
  return (await currentRows()).filter((row) => !before.has(JSON.stringify(row)));
}

/** The same rows with the ids and keys of another payment. */
function renewed(rows: readonly Row[], sharedIds: ReadonlySet<string>, sequence: number): Row[] {
  const ids = new Map<string, string>();
  const renew = (text: string) => {
    if (sharedIds.has(text) || !/\d/.test(text)) return text;
    const other = ids.get(text) ?? randomText(text.length);
    ids.set(text, other);
    return other;
  };
  return rows.map((row) => ({
    ...row,
    values: row.values.map((value, index) =>
      row.columns[index] === "sequence" ? String(sequence) : value.replaceAll(/[\w-]{20,}/g, renew),
    ),
  }));
}

async function writeRows(client: PoolClient, schema: string, rows: readonly Row[]): Promise<void> {
  await client.query("BEGIN");
  for (const { table, columns, values } of rows) {
    const placeholders = columns.map((_, index) => `$${index + 1}`).join(", ");
    await client.query(`INSERT INTO "${schema}"."${table}" (${columns.join(", ")}) VALUES (${placeholders})`, [
      ...values,
    ]);
  }
  await client.query("COMMIT");
}

/** Measures how fast the database driver alone writes these rows. */
function floor(pool: Pool, schema: string, rows: readonly Row[], sharedIds: ReadonlySet<string>) {
  let sequence = 0;
  return () =>
    rateOf(paymentsPerRound, concurrency, async () => {
      sequence += 1;
      const newRows = renewed(rows, sharedIds, sequence);
      const client = await pool.connect();
      try {
        await writeRows(client, schema, newRows);
      } finally {
        client.release();
      }
    });
}

async function measure(url: string): Promise<void> {
  const options = { store: url, storeConnections: connections } as const;
  await using sandbox = await createSandbox({ ...options, storeSchema: "bench" });
  await (await createSandbox({ ...options, storeSchema: "floor" })).close();
  await using inMemory = await createSandbox();
  const pool = new Pool({ connectionString: url, max: connections });
  const rows = await rowsOfPayment(pool, "bench", sandbox);
  const records = rows.filter(({ table }) => table !== requestTable);
  const sharedIds = new Set([sandbox.processingAccountId, inMemory.processingAccountId]);
  const worlds = Array.from({ length: worldCount }, () => randomText(27));
  const [one = ""] = worlds;
  const create = (into: Sandbox, of: readonly string[]) => () =>
    rateOf(paymentsPerRound, concurrency, (index) => createPayment(into, of[index % of.length] ?? one));
  const lines: Record<string, () => Promise<number>> = {
    "bare driver, the records": floor(pool, "floor", records, sharedIds),
    "bare driver, the records and the request": floor(pool, "floor", rows, new Set()),
    [`sandbox on PostgreSQL, ${worldCount} worlds`]: create(sandbox, worlds),
    "sandbox on PostgreSQL, one world": create(sandbox, [one]),
    [`sandbox in memory, ${worldCount} worlds`]: create(inMemory, worlds),
  };
  const rates = Object.keys(lines).map(() => [] as number[]);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, run] of Object.values(lines).entries()) {
      const rate = await run();
      if (round >= 0) rates[index]?.push(rate);
    }
  }
  await pool.end();
  const medians = rates.map(median);
  console.log(`A payment writes rows to ${rows.map(({ table }) => table).join(", ")}`);
  console.log(`Medians of ${rounds} alternating rounds of ${paymentsPerRound} payments, ${concurrency} concurrent,`);
  console.log(`${connections} connections, PostgreSQL with its default durability\n`);
  console.log(`  ${"".padEnd(42)} payments/s   of the first line`);
  for (const [index, name] of Object.keys(lines).entries()) {
    const rate = medians[index] ?? Number.NaN;
    const part = rate / (medians[0] ?? Number.NaN);
    console.log(`  ${name.padEnd(42)} ${rate.toFixed(0).padStart(10)}   ${part.toFixed(2).padStart(17)}`);
  }
}

const postgres = await startPostgres();
try {
  await measure(postgres.url);
} finally {
  await postgres.stop();
}
