import { closeSync, openSync } from "node:fs";
import { register } from "node:module";
import { MessageChannel } from "node:worker_threads";

// Runs in a server, before its program. It reports each module that was loaded. SIGUSR2 takes every free descriptor,
// SIGHUP gives them back.

const hooks = `
let port;
export const initialize = (data) => {
  port = data.port;
};
export const load = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  port.postMessage(url);
  return loaded;
};`;
const { port1: reports, port2: port } = new MessageChannel();
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { port }, transferList: [port] });
reports.on("message", (url) => process.stderr.write(`loaded ${url}\n`));
reports.unref();

const held = [];

process.on("SIGUSR2", () => {
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
