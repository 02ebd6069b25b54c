import { spawnSync } from "node:child_process";

const { PATH = "", HOME } = process.env;

/** The search path with which a command succeeds: that of this process, else with the system's programs in front. */
export function pathWith([program, ...args]: readonly [program: string, ...args: string[]]): string | undefined {
  const paths = [PATH, `/usr/bin:${PATH}`];
  return paths.find((path) => spawnSync(program, args, { env: { PATH: path, HOME } }).status === 0);
}
