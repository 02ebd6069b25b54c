// Runs inside the program under test: answers each message of the parent process with what the process uses.
import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

process.on("message", () => {
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  process.send({
    heapUsed,
    rss,
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
    handles: process.getActiveResourcesInfo().filter((name) => name !== "Immediate").length,
    descriptors: readdirSync("/proc/self/fd").length,
  });
  delay.reset();
});
// Without this the channel to the parent keeps the program running after SIGTERM.
process.channel?.unref();
