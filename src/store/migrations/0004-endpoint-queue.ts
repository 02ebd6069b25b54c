/** Returns the statements that add the index of the notifications in the queue of their endpoint. */
export function endpointQueue(schema: string): readonly string[] {
  const table = `"${schema}".notification`;
  return [
    `ALTER TABLE ${table} ADD COLUMN "queue" text GENERATED ALWAYS AS (record->>'queue') STORED`,
    // Few notifications are in a queue: those of other worlds cost nothing.
    `CREATE INDEX ON ${table} ("processingAccountId", "queue", sequence) WHERE "queue" IS NOT NULL`,
  ];
}
