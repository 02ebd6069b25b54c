import { sentenceIfOld } from "./versions.ts";

const sentence = sentenceIfOld("alipay-hk-sandbox", "Node", process.versions.node);
if (sentence !== undefined) throw new Error(sentence);
