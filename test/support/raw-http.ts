import { request } from "node:http";

/** Sends a request over a real socket. @returns every line of one header separately, and the body. */
export function linesOf(url: string, target: string, header: string): Promise<{ lines: string[]; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path: target }, async (answer) => {
      let body = "";
      for await (const chunk of answer.setEncoding("utf8")) body += chunk;
      const lines = answer.rawHeaders.filter(
        (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === header,
      );
      resolve({ lines, body });
    });
    outgoing.on("error", reject).end();
  });
}

/** Begins a request over a real socket. `leave` closes the socket. */
export function beginRequest(url: string, target: string) {
  const { hostname, port } = new URL(url);
  const outgoing = request({ hostname, port, path: target });
  const answer = new Promise<{ status: number; body: string }>((resolve, reject) => {
    outgoing.on("response", async (response) => {
      let body = "";
      for await (const chunk of response.setEncoding("utf8")) body += chunk;
      resolve({ status: response.statusCode ?? 0, body });
    });
    outgoing.on("error", reject).end();
  });
  return { answer, leave: () => outgoing.destroy() };
}
