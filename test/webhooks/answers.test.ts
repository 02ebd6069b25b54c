import { createHash } from "node:crypto";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createPaidPayment, frozenSandbox } from "../support/merchant.ts";
import { notificationsOf } from "../support/notifications.ts";
import { startReceiver } from "../support/receiver.ts";

const chinese = "香港".repeat(2000);
const incompressible = Array.from({ length: 500 }, (_, index) =>
  createHash("sha256").update(`${index}`).digest("hex"),
).join("");
const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

const answers: [string, Record<string, string>, Buffer | string, string][] = [
  ["gzip", { "content-encoding": "gzip" }, gzipSync("thank you"), "thank you"],
  ["x-gzip", { "content-encoding": "x-gzip" }, gzipSync("thank you"), "thank you"],
  ["deflate", { "content-encoding": "deflate" }, deflateSync("thank you"), "thank you"],
  ["deflate without its header", { "content-encoding": "deflate" }, deflateRawSync("thank you"), "thank you"],
  ["brotli", { "content-encoding": "br" }, brotliCompressSync("thank you"), "thank you"],
  ["two codings", { "content-encoding": "br, gzip" }, gzipSync(brotliCompressSync("thank you")), "thank you"],
  ["no coding", { "content-encoding": "identity" }, "thank you", "thank you"],
  ["a gigabyte in a few bytes", { "content-encoding": "br" }, bomb(), "x".repeat(4096)],
  ["a long text, cut in a character", { "content-type": "text/plain" }, chinese, chinese.slice(0, 1365)],
  ["Big5", { "content-type": "text/plain; charset=Big5" }, Buffer.from("adbbb4e4", "hex"), "香港"],
  ["an unknown character set", { "content-type": "text/plain; charset=merchant" }, "thank you", "thank you"],
  [
    "more than is read, compressed",
    { "content-encoding": "br" },
    brotliCompressSync(incompressible),
    incompressible.slice(0, 4096),
  ],
  ["a wrong coding", { "content-encoding": "gzip" }, "thank you", "[9 bytes that gzip does not decode]"],
  ["an unknown coding", { "content-encoding": "x-merchant" }, "thank", "[5 bytes that x-merchant does not decode]"],
  ["a picture", { "content-type": "image/png" }, png, "[16 bytes of image/png]"],
  ["bytes", {}, png, "[16 bytes of binary content]"],
  ["many bytes", { "content-type": "image/png" }, Buffer.alloc(9000), "[at least 4096 bytes of image/png]"],
  [
    "a compressed picture",
    { "content-type": "image/png", "content-encoding": "gzip" },
    gzipSync(png),
    "[16 bytes of image/png]",
  ],
  ["nothing", { "content-encoding": "gzip" }, "", ""],
];

function bomb(): Buffer {
  return brotliCompressSync(Buffer.alloc(64 * 1024 * 1024, "x"));
}

describe.each(["over a socket", "from a function"])("%s the answer is kept as text:", (way) => {
  test.each(answers)("%s", async (_, headers, sent, body) => {
    const receiver = await startReceiver((response) => response.writeHead(200, headers).end(sent));
    const respond = () => new Response(Buffer.from(sent), { headers });
    await using sandbox = await frozenSandbox({ webhook: way === "over a socket" ? receiver.url : respond });
    await createPaidPayment(sandbox);
    await sandbox.settle();
    const [{ state, attempts }] = await notificationsOf(sandbox);
    const answer = attempts[0]?.answer;
    expect([state, answer?.status, answer?.body]).toEqual(["delivered", 200, body]);
    expect(answer?.headers).toEqual(expect.arrayContaining(Object.entries(headers)));
    await receiver.close();
  });
});

test("every header line is kept, in order and as it was sent", async () => {
  const receiver = await startReceiver((response) => {
    response.sendDate = false;
    response.writeHead(204, ["X-Shop", "one", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]).end();
  });
  await using sandbox = await frozenSandbox({ webhook: receiver.url });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const [{ attempts }] = await notificationsOf(sandbox);
  expect(attempts[0]?.answer?.headers).toEqual([
    ["X-Shop", "one"],
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
    ["Connection", "close"],
  ]);
  await receiver.close();
});

test("a snapshot keeps them, and one without them can be restored too", async () => {
  await using sandbox = await frozenSandbox({ webhook: () => new Response("thank you") });
  await createPaidPayment(sandbox);
  await sandbox.settle();
  const kept = await notificationsOf(sandbox);
  const snapshot = await sandbox.snapshot();
  await sandbox.restore(snapshot);
  expect(await notificationsOf(sandbox)).toEqual(kept);
  const older = JSON.parse(JSON.stringify(snapshot), (name, value) => (name === "answerHeaders" ? undefined : value));
  await sandbox.restore(older);
  expect(await notificationsOf(sandbox)).toMatchObject([
    { attempts: [{ answer: { status: 200, body: "thank you" } }] },
  ]);
});
