// Runs the built program repeatedly in one process, for test/support/command-line.ts.

const program = new URL("../../dist/cli.js", import.meta.url).href;
const streams = { out: process.stdout, err: process.stderr };
let count = 0;
// Each run adds listeners.
for (const emitter of [process, ...Object.values(streams)]) emitter.setMaxListeners(0);

async function run({ args, environment }) {
  const written = { out: "", err: "" };
  for (const [name, stream] of Object.entries(streams)) {
    stream.write = (text) => {
      written[name] += text;
      return true;
    };
  }
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.stdout.isTTY = environment.TEST_TERMINAL === "1";
  process.argv = [process.execPath, program, ...args];
  process.exitCode = undefined;
  // Another query makes another module: the program runs again, and its imports are loaded once.
  count += 1;
  await import(`${program}?run=${count}`).catch((error) => {
    written.err += error.stack;
    process.exitCode = 70;
  });
  return { code: process.exitCode ?? 0, ...written };
}

process.on("message", async (command) => process.send(await run(command)));
