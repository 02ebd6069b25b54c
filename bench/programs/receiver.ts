/** A merchant's endpoint for webhooks. Argument: milliseconds until it answers. Prints its URL. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const delayMs = Number(process.argv[2] ?? 0);

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const answer = () => response.writeHead(204).end();
    if (delayMs === 0) answer();
    else setTimeout(answer, delayMs);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks\n`);
});
