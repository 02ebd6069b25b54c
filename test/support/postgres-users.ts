import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** A user who may work in one schema and make none, and goes with what it has made. */
export interface DatabaseUser extends AsyncDisposable {
  readonly name: string;
  /** The URL of the database for this user. */
  readonly url: string;
  /** Cuts its connections. */
  cut(): Promise<void>;
  /** Asks the database as the one who made the user. */
  query(text: string): Promise<unknown>;
}

/** @param schema one that is there, or is to be made. */
export async function makeUser(schema: { readonly url: string; readonly name: string }): Promise<DatabaseUser> {
  const [name, password] = [`${schema.name}_user`, randomBytes(12).toString("hex")];
  const client = new Client({ connectionString: schema.url });
  await client.connect();
  // Who made it belongs to it, so as to be allowed what it is allowed.
  await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'; GRANT ${name} TO CURRENT_USER;
    CREATE SCHEMA IF NOT EXISTS ${schema.name}; GRANT USAGE, CREATE ON SCHEMA ${schema.name} TO ${name};
    GRANT ALL ON ALL TABLES IN SCHEMA ${schema.name} TO ${name}`);
  return {
    name,
    url: Object.assign(new URL(schema.url), { username: name, password }).href,
    cut: async () => {
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [name]);
    },
    query: (text) => client.query(text),
    [Symbol.asyncDispose]: async () => {
      await client.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
      await client.end();
    },
  };
}
