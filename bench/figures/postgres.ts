import pg from "pg";
import { rateOf } from "../../scripts/measuring.ts";
import { startPostgres } from "../../scripts/postgres.ts";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { BareDriver } from "../database/bare-driver.ts";
import { type Row, randomText, requestTable, rowsIn } from "../database/rows.ts";
import type { HttpRequest } from "../load/http-request.ts";
import { inTurns } from "../measuring.ts";
import { seedCreate, seedPayment } from "../targets/payment.ts";
import { sandbox as sandboxProgram } from "../targets/sandbox.ts";
import { withTarget } from "../targets/target.ts";
import type { Bench, Figure } from "./figure.ts";

const connections = 10;
const atOnce = 20;
const worldCount = 10;
/** Creates that are prepared for each turn of the program: more than it can answer. */
const preparedCreates = 20_000;

export const postgres: Figure = async (bench) => {
  const server = await startPostgres();
  try {
    return await measure(server.url, bench);
  } finally {
    await server.stop();
  }
};

/** A line of the table: payments a second. */
interface Subject {
  readonly name: string;
  readonly title: string;
  readonly rate: () => Promise<number>;
}

async function measure(url: string, { scale, generator }: Bench) {
  const options = { store: url, storeConnections: connections } as const;
  await using sandbox = await createSandbox({ ...options, storeSchema: "bench" });
  // The schema of the bare driver has the same tables.
  await (await createSandbox({ ...options, storeSchema: "floor" })).close();
  const rows = await rowsOfPayment(url, "bench", sandbox);
  const driver = new BareDriver(url, "floor", connections);
  const records = rows.filter(({ table }) => table !== requestTable);
  const kept = new Set([sandbox.processingAccountId]);
  const payments = scale.databasePayments;
  const worlds = Array.from({ length: worldCount }, () => randomText(27));

  const inProcess = (accounts: readonly string[]) => () =>
    rateOf(payments, atOnce, (index) => createIn(sandbox, accounts[index % accounts.length] ?? ""));
  const overHttp = (accounts: readonly string[]) => () => {
    const flags = ["--store", url, "--store-schema", "program", "--store-connections", String(connections)];
    const requests = Array.from({ length: preparedCreates }, (_, index) =>
      createRequest(accounts[index % accounts.length] ?? ""),
    );
    return withTarget(sandboxProgram(flags), async (running) => {
      const load = { url: running.url, connections: atOnce, once: true };
      await generator.warmUp({ ...load, requests: requests.slice(0, preparedCreates / 2) }, scale.warmUpSeconds);
      return generator.rate({ ...load, requests: requests.slice(preparedCreates / 2) }, scale.seconds);
    });
  };
  const subjects: readonly Subject[] = [
    { name: "driver", title: "bare driver, the records", rate: () => driver.rate(payments, atOnce, records, kept) },
    {
      name: "driver-request",
      title: "bare driver, the records and the logged request",
      rate: () => driver.rate(payments, atOnce, rows, new Set()),
    },
    { name: "sandbox", title: `this sandbox, ${worldCount} worlds`, rate: overHttp(worlds) },
    { name: "sandbox-one", title: "this sandbox, one world", rate: overHttp(worlds.slice(0, 1)) },
    { name: "in-process", title: `this sandbox in process, ${worldCount} worlds`, rate: inProcess(worlds) },
    { name: "in-process-one", title: "this sandbox in process, one world", rate: inProcess(worlds.slice(0, 1)) },
  ];
  // The first turn of each warms it up.
  for (const { rate } of subjects) await rate();
  const values = await inTurns(scale.turns, subjects, ({ rate }) => rate()).finally(() => driver.close());
  return [
    {
      name: "postgres",
      title: "Creates on PostgreSQL",
      unit: "per second",
      better: "higher" as const,
      rows: subjects.map(({ name, title }, index) => ({ name, title, value: values[index] ?? ("cannot" as const) })),
      notes: [
        `${atOnce} at once, ${connections} connections, idempotency keys; PostgreSQL as durable as it is by default.`,
        `A payment leaves rows in ${rows.map(({ table }) => table).join(", ")}.`,
        "The driver writes them serializable, prepared and pipelined, with one wait for each payment.",
      ],
    },
  ];
}

function createRequest(processingAccountId: string): HttpRequest {
  const body = JSON.stringify({ ...seedPayment, processingAccountId, merchantReference: randomText(36) });
  return { ...seedCreate, path: `/v1/payments?idempotencyKey=${randomText(36)}`, body };
}

async function createIn(sandbox: Sandbox, processingAccountId: string): Promise<void> {
  const { path, method, body } = createRequest(processingAccountId);
  const answer = await sandbox.fetch(path, { method, body });
  if (answer.status !== 201) throw new Error(await answer.text());
  await answer.arrayBuffer();
}

/** The rows that one more payment leaves in a world that exists. */
async function rowsOfPayment(url: string, schema: string, sandbox: Sandbox): Promise<Row[]> {
  const pool = new pg.Pool({ connectionString: url });
  const rows = async () => {
    // A request is logged shortly after its answer, and before a list of requests is answered.
    await (await sandbox.fetch("/_sandbox/requests?limit=1")).arrayBuffer();
    return rowsIn(pool, schema);
  };
  try {
    await createIn(sandbox, sandbox.processingAccountId);
    const before = new Set((await rows()).map((row) => JSON.stringify(row)));
    await createIn(sandbox, sandbox.processingAccountId);
    return (await rows()).filter((row) => !before.has(JSON.stringify(row)));
  } finally {
    await pool.end();
  }
}
