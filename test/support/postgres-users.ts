import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** A user with rights in one schema only. Disposal removes the user and its objects. */
export interface DatabaseUser extends AsyncDisposable {
  readonly name: string;
  /** URL of the database for this user. */
  readonly url: string;
  /** Closes the user's connections. */
  cut(): Promise<void>;
  /** Runs a query as the creator of the user. */
  query(text: string): Promise<unknown>;
}

/** Creates a user. Creates the schema too if it does not exist. */
export async function makeUser(schema: { readonly url: string; readonly name: string }): Promise<DatabaseUser> {
  const [name, password] = [`${schema.name}_user`, randomBytes(12).toString("hex")];
  const client = new Client({ connectionString: schema.url });
  await client.connect();
  // The creator needs the user's rights, to drop its objects later.
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
