import { readFileSync } from "node:fs";
import { join } from "node:path";
import { programPath, root } from "../paths.ts";
import { readPayment, seedCreate } from "./payment.ts";
import type { Target } from "./target.ts";

/** A library with the version that the product has. */
function installed(name: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return `${name}@${version}`;
}

export const nodeFloor: Target = {
  name: "node",
  title: "floor: bare node:http",
  kind: "floor",
  command: (port) => [process.execPath, programPath("floor-node"), String(port)],
  creates: [seedCreate],
  read: readPayment,
  packages: [],
};

export const honoFloor: Target = {
  name: "hono",
  title: "floor: bare Hono",
  kind: "floor",
  command: (port) => [process.execPath, programPath("floor-hono"), String(port)],
  creates: [seedCreate],
  read: readPayment,
  packages: ["hono", "@hono/node-server", "zod", "nanoid"].map(installed),
};

/** The Hono floor that verifies each create. @param publicKey PEM. */
export function signedFloor(publicKey: string): Target {
  return {
    ...honoFloor,
    name: "hono-signed",
    title: "floor: bare Hono and one P-256 verify",
    command: (port) => [process.execPath, programPath("floor-hono"), String(port), publicKey],
  };
}
