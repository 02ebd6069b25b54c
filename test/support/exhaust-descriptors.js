import { closeSync, openSync } from "node:fs";

// Runs in a server, before its program. SIGUSR2 takes every free descriptor as soon as the process reads no file;
// SIGHUP gives them back.

const quietTurns = 50;
const held = [];

async function untilNoFileIsRead() {
  for (let quiet = 0; quiet < quietTurns; quiet += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"))) quiet = 0;
  }
}

process.on("SIGUSR2", async () => {
  await untilNoFileIsRead();
  try {
    for (;;) held.push(openSync("/dev/null"));
  } catch (error) {
    process.stderr.write(`${error.code}: no descriptor is free\n`);
  }
});

process.on("SIGHUP", () => {
  for (const descriptor of held.splice(0)) closeSync(descriptor);
  process.stderr.write("descriptors are free\n");
});
