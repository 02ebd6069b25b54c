import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newFile } from "../load/request-files.ts";
import { benchFolder } from "../paths.ts";
import { get, readPayment, seedCreate } from "./payment.ts";
import { sandbox } from "./sandbox.ts";
import { exchange, type Target, withTarget } from "./target.ts";

const modules = join(benchFolder, "node_modules");
const prismProgram = join(modules, "@stoplight/prism-cli/dist/index.js");
const mockoonProgram = join(modules, "@mockoon/cli/bin/run.js");

export function areGenericMocksInstalled(): boolean {
  return existsSync(prismProgram) && existsSync(mockoonProgram);
}

/** Mocks that answer examples from the sandbox's OpenAPI document. They keep no state. */
export async function genericMocks(): Promise<Target[]> {
  const document = newFile("openapi.json");
  const { text } = await withTarget(sandbox(), ({ url }) => exchange(url, get("/openapi.json")));
  writeFileSync(document, text);
  const shared = { kind: "peer", creates: [seedCreate], read: readPayment } as const;
  return [
    {
      ...shared,
      name: "prism",
      title: "prism-cli 5.14.2 (stateless)",
      command: (port) => [
        process.execPath,
        prismProgram,
        ...["mock", document, "--host", "127.0.0.1", "--port", String(port)],
      ],
      packages: ["@stoplight/prism-cli@5.14.2"],
    },
    {
      ...shared,
      name: "mockoon",
      title: "mockoon-cli 9.9.0 (stateless)",
      command: (port) => [
        process.execPath,
        mockoonProgram,
        ...["start", "--data", document, "--hostname", "127.0.0.1", "--port", String(port), "--disable-log-to-file"],
      ],
      packages: ["@mockoon/cli@9.9.0"],
    },
  ];
}
