// A program of a merchant with a sandbox that logs, for test/package/closed-streams.test.ts.

const { createSandbox } = await import(new URL("../../dist/index.js", import.meta.url).href);

const sandbox = await createSandbox({ log: "pretty" });
process.stdout.write(`Alipay HK sandbox ready at ${await sandbox.listen()}\n`);
process.once("SIGTERM", () => sandbox.close());
