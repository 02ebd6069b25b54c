import { resolve } from "node:path";
import { systemClock } from "../platform/clock.ts";
import { type Program, startProgram, waitForPort, waitUntilFree } from "../platform/program.ts";
import { type Plan, SetupError } from "./plan.ts";

/** Variables of a process; `undefined` unsets one. */
type Variables = Readonly<Record<string, string | undefined>>;

/** Time beyond twice the usual start that a server without its secret gets, in milliseconds. */
const spareStartMs = 1_000;
/** Maximum time until the processes of a server that was ended have freed its port, in milliseconds. */
const freeMs = 2_000;

/** Time in which a server that runs must accept a connection, in milliseconds. */
const acceptMs = 500;

/** The command of the plan does not start the server. */
export class ServerStartError extends SetupError {}

/** The merchant's server: started by the plan's command, or one that runs already. */
export class MerchantServer {
  readonly #plan: Plan;
  readonly #directory: string;
  #variables: Variables;
  #program: Program | undefined;
  /** Duration of the last start, in milliseconds. */
  #startMs = 0;
  #hasStarted = false;
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

  /**
   * Starts the server, if the plan has a command, and waits until it accepts connections. Throws `SetupError`, which is
   * a `ServerStartError` if there is a command.
   */
  async start(): Promise<void> {
    const { start, webhookUrl } = this.#plan;
    const { port } = this.#address;
    if (start !== undefined && (await this.#accepts(0))) {
      throw new ServerStartError(
        this.#hasStarted
          ? `The port ${port} is still in use after start.command was ended: it must not leave processes behind.`
          : `The port ${port} of webhookUrl is in use already: end the server that uses it.`,
      );
    }
    const timeoutMs = start?.limitMs ?? 1_000;
    const startTime = systemClock.steady();
    const isOpen = await this.#open(timeoutMs, () => this.#program?.ended() !== undefined);
    this.#startMs = systemClock.steady() - startTime;
    if (isOpen) {
      this.#hasStarted = true;
      return;
    }
    if (start === undefined) {
      throw new SetupError(`Nothing accepts connections at ${webhookUrl}; start the server, or set start.`);
    }
    const end = this.#program?.ended();
    const limit = `did not open port ${port} of webhookUrl within ${timeoutMs} ms (start.limitMs)`;
    const what = end === undefined ? limit : `has ended: ${end}`;
    throw new ServerStartError(`The server (${start.command}) ${what}. ${this.#printed()}`);
  }

  /** Why a server that should run accepts no connections; `undefined` if it does. */
  async failure(): Promise<string | undefined> {
    if (await this.#accepts(acceptMs, () => this.#program?.ended() !== undefined)) return undefined;
    if (this.#program === undefined) return `Nothing accepts connections at ${this.#plan.webhookUrl} any more.`;
    const end = this.#program.ended() ?? "it runs, but accepts no connections";
    return `The server ended by itself: ${end}. ${this.#printed()}`;
  }

  /** The last lines that it printed, as the end of a message. */
  #printed(): string {
    const lines = this.output().trim().split("\n").slice(-5).join("\n");
    return `It printed:\n${lines || "(nothing)"}`;
  }

  /** Sets variables for the next start, in place of those that it had. */
  use(changes: Variables): void {
    this.#variables = { ...this.#variables, ...changes };
  }

  /**
   * Ends the server, starts it without one variable, ends that one, and starts the server as it was.
   * @param probe called if it accepts connections and has not printed the variable's name.
   * @returns what it printed, and whether it ended by itself or named the variable.
   */
  async startsWithout(
    variable: string,
    probe: () => Promise<void>,
  ): Promise<{ readonly output: string; readonly isComplaint: boolean }> {
    await this.kill();
    const whole = this.#variables;
    this.use({ [variable]: undefined });
    const isComplaint = () => this.output().includes(variable) || this.#program?.ended() !== undefined;
    try {
      const isOpen = await this.#open(this.#startMs * 2 + spareStartMs, isComplaint);
      if (isOpen && !isComplaint()) await probe();
      return { output: this.output(), isComplaint: isComplaint() };
    } finally {
      await this.kill();
      this.#variables = whole;
      await this.start();
    }
  }

  /** Ends the server at once, as a crash does. */
  async kill(): Promise<void> {
    const program = this.#program;
    if (program === undefined) return;
    await program.kill();
    this.#program = undefined;
    // The shell has ended; the processes that it started may need a moment.
    await waitUntilFree({ ...this.#address, timeoutMs: freeMs });
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

  /** Host and port of the endpoint. */
  get #address(): { readonly host: string; readonly port: number } {
    const { hostname, port, protocol } = new URL(this.#plan.webhookUrl);
    return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (protocol === "https:" ? 443 : 80)) };
  }

  #accepts(timeoutMs: number, isPointless = () => timeoutMs === 0): Promise<boolean> {
    return waitForPort({ ...this.#address, timeoutMs }, isPointless);
  }

  /** Starts the program, if the plan has one. @returns whether it accepts connections within the limit. */
  #open(timeoutMs: number, isPointless: () => boolean): Promise<boolean> {
    const { start } = this.#plan;
    if (start !== undefined) {
      if (this.#isClosed) throw new Error("The rehearsal has ended.");
      const folder = resolve(this.#directory, start.directory ?? ".");
      this.#program = startProgram(start.command, folder, { ...this.#variables, ...start.env });
    }
    return this.#accepts(timeoutMs, isPointless);
  }
}
