#!/usr/bin/env node
// An old version of Node must be able to parse this file.
import { sentenceIfOld } from "../versions.ts";
import { prepareProcess } from "./process.ts";

const sentence = sentenceIfOld("alipay-hk-sandbox", "Node", process.versions.node);
if (sentence === undefined) {
  prepareProcess();
  const { main } = await import("./main.ts");
  await main(process.argv.slice(2));
} else {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
