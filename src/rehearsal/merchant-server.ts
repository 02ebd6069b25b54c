import { resolve } from "node:path";
import { type Program, startProgram, waitForPort } from "../platform/program.ts";
import { type Plan, SetupError } from "./plan.ts";

/** Variables of a process; `undefined` unsets one. */
type Variables = Readonly<Record<string, string | undefined>>;

/** The merchant's server: started by the plan's command, or one that runs already. */
export class MerchantServer {
  readonly #plan: Plan;
  readonly #directory: string;
  #variables: Variables;
  #program: Program | undefined;
  #isClosed = false;

  /**
   * @param directory folder of the plan.
   * @param variables the `NOMUPAY_*` variables.
   */
  constructor(plan: Plan, directory: string, variables: Variables) {
    this.#plan = plan;
    this.#directory = directory;
    this.#variables = variables;
  }

  /** Starts the server, if the plan has a command, and waits until it accepts connections. Throws `SetupError`. */
  async start(): Promise<void> {
    const { start } = this.#plan;
    const { hostname, port, protocol } = new URL(this.#plan.webhookUrl);
    const number = Number(port || (protocol === "https:" ? 443 : 80));
    const address = { host: hostname.replace(/^\[|\]$/g, ""), port: number };
    if (start !== undefined) {
      if (await waitForPort({ ...address, timeoutMs: 0 }, () => true)) {
        throw new SetupError(`The port ${number} of webhookUrl is in use already: end the server that uses it.`);
      }
      if (this.#isClosed) throw new Error("The rehearsal has ended.");
      this.#program = startProgram(start.command, resolve(this.#directory, start.directory ?? "."), {
        ...this.#variables,
        ...start.env,
      });
    }
    const program = this.#program;
    const timeoutMs = start?.limitMs ?? 1_000;
    const isOpen = await waitForPort({ ...address, timeoutMs }, () => program?.ended() !== undefined);
    if (isOpen) return;
    const end = program?.ended();
    const output = program?.output().trim().split("\n").slice(-5).join("\n") ?? "";
    if (start === undefined) {
      throw new SetupError(`Nothing accepts connections at ${this.#plan.webhookUrl}; start the server, or set start.`);
    }
    const what = end === undefined ? `did not open port ${number} within ${timeoutMs} ms` : `has ended: ${end}`;
    throw new SetupError(`The server (${start.command}) ${what}. It printed:\n${output || "(nothing)"}`);
  }

  /**
   * Starts the server once more without one variable, and ends it again. The running server is ended before and started
   * after that.
   * @returns what it printed, and whether it ended by itself or named the variable.
   */
  async startsWithout(variable: string): Promise<{ readonly output: string; readonly isComplaint: boolean }> {
    await this.kill();
    const whole = this.#variables;
    this.#variables = { ...whole, [variable]: undefined };
    try {
      await this.start();
      const output = this.output();
      return { output, isComplaint: output.includes(variable) };
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      return { output: error.message, isComplaint: true };
    } finally {
      await this.kill();
      this.#variables = whole;
      await this.start();
    }
  }

  /** Ends the server at once, as a crash does. */
  async kill(): Promise<void> {
    await this.#program?.kill();
    this.#program = undefined;
  }

  /** Ends the server in an orderly way, for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#program?.stop(3_000);
    this.#program = undefined;
  }

  /** What it printed last; empty if it was not started here. */
  output(): string {
    return this.#program?.output() ?? "";
  }
}
