import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Browser } from "../../src/rehearsal/browser.ts";

/** Opens `/` of a shop. */
async function openIn(shop: RequestListener) {
  const server = createServer(shop);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    return await new Browser(url, 200).open({ method: "GET", url });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("a redirect to what is no URL is an error of the shop", async () => {
  const answer = await openIn((_, response) => response.writeHead(302, { Location: "http://" }).end());
  expect(answer).toMatchObject({ status: 302, error: 'a redirect to "http://", which is no URL' });
});

test("a response that never ends is an error after the maximum time", async () => {
  const answer = await openIn((_, response) => {
    response.write("a");
    const timer = setInterval(() => response.write("a"), 20);
    response.on("close", () => clearInterval(timer));
  });
  expect(answer).toMatchObject({ status: 0, error: expect.any(String) });
});
