import { request } from "node:http";

/** Asks over a real socket and keeps every line of one header apart. */
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
