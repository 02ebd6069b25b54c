import type { z } from "zod";
import type { DeclineReason } from "./domain/payment.ts";
import type { Result } from "./domain/refusal.ts";
import { type CodeSettings, readCodeSettings } from "./domain/settings.ts";
import type { WorldSettings } from "./domain/world.ts";
import { type PaymentResource, presentPayment, presentTime } from "./http/api/present.ts";
import { presentRefusal } from "./http/api/reasons.ts";
import { type PresentedCredentials, presentCredentials } from "./http/control/merchants.ts";
import { actBody, advanceBody, clockBody, openWorldBody } from "./http/control/schemas.ts";
import { parseValue } from "./http/validate.ts";
import type { Control } from "./services/control.ts";
import type { Merchants } from "./services/merchants.ts";
import type { Act } from "./services/payments.ts";

/** What the developer of a merchant needs whose keys the sandbox made. */
export type Credentials = Required<PresentedCredentials>;

/** What the handle refuses with. `code` is one of the control surface's codes, `invalid_request` for a wrong argument. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Where a clock stands after it was moved, and how many tasks ran on the way. */
export interface ClockMove {
  readonly now: string;
  readonly ran: number;
}

/** What a test does to one world. Every function rejects with `SandboxError` where it is refused. */
export interface WorldHandle {
  readonly processingAccountId: string;
  /** The keys and ids of its merchant. */
  readonly credentials: Credentials;
  readonly clock: {
    /** The world's time, RFC 3339. */
    now(): Promise<string>;
    /** Moves the clock forward by an ISO 8601 duration or to an instant, and runs what falls due on the way. */
    advance(target: string | { readonly to: string }): Promise<ClockMove>;
    /** Stops the clock, where it is or at an instant ahead. */
    freeze(at?: string): Promise<ClockMove>;
    /** Lets the clock go on from where it stands. */
    run(): Promise<ClockMove>;
  };
  readonly payments: {
    /** Does what a button of the pages does. */
    act(id: string, action: Act, reason?: DeclineReason): Promise<PaymentResource>;
  };
  /** Returns when nothing is due at the present time and no delivery is under way. */
  settle(): Promise<void>;
  /** Puts the world back to the start; a sandbox puts everything there, and removes the other worlds. */
  reset(): Promise<void>;
}

/** What a world of a test's own can be told. */
export interface WorldOptions {
  readonly processingAccountId?: string;
  /** Over the settings of the sandbox. */
  readonly settings?: Partial<CodeSettings>;
  /** `running`, or the instant to stand at; that of the sandbox if nothing is said. */
  readonly clock?: string;
}

/** A sandbox of one's own; it is also the handle of its demo world. Two of them in one process never meet. */
export interface Sandbox extends WorldHandle, AsyncDisposable {
  /** Answers a request in this process, without a port. A path alone, like `/v1/payments`, is enough. */
  fetch(request: Request | URL | string, init?: RequestInit): Promise<Response>;
  /**
   * Opens a port, on 127.0.0.1 and any free one if nothing is said, and returns the base of its URLs. Rejects with the
   * system's error where the port cannot be had, and with `ConfigError` off loopback without an admin token.
   */
  listen(at?: { readonly port?: number; readonly host?: string }): Promise<string>;
  /** Opens a world with a merchant and a clock of its own, which shares nothing with any other: one for each test. */
  world(options?: WorldOptions): Promise<WorldHandle>;
  /** Closes the port, ends deliveries, and frees everything. */
  close(): Promise<void>;
}

/**
 * The control functions as the handle offers them, for one world.
 * @param base where the pages are.
 */
export function worldHandle(
  control: Control,
  processingAccountId: string,
  base: () => string,
): Omit<WorldHandle, "credentials"> {
  const told = ({ now, ran }: { now: number; ran: number }): ClockMove => ({ now: presentTime(now), ran });
  const setClock = async (asked: z.input<typeof clockBody>) => {
    const setting = unwrap(parseValue(clockBody, asked));
    const time = setting.mode === "frozen" ? setting.at : undefined;
    return told(unwrap(await control.setClock({ mode: setting.mode, time }, processingAccountId)));
  };
  return {
    processingAccountId,
    clock: {
      now: async () => presentTime(unwrap(await control.clock(processingAccountId)).now),
      advance: async (asked) => {
        const { target } = unwrap(parseValue(advanceBody, typeof asked === "string" ? { by: asked } : asked));
        return told(unwrap(await control.advance(target, processingAccountId)));
      },
      freeze: (at) => setClock(at === undefined ? { mode: "frozen" } : { mode: "frozen", at }),
      run: () => setClock({ mode: "running" }),
    },
    payments: {
      act: async (id, action, reason) => {
        const asked = unwrap(parseValue(actBody, reason === undefined ? { action } : { action, reason }));
        return presentPayment(unwrap(await control.act(id, asked.action, asked.reason)).payment, base());
      },
    },
    settle: async () => void unwrap(await control.settle(processingAccountId)),
    reset: async () => void unwrap(await control.reset(processingAccountId)),
  };
}

/** Opens a world as a test asks for it. */
export async function openWorld(
  { control, merchants }: { readonly control: Control; readonly merchants: Merchants },
  { processingAccountId, settings = {}, clock }: WorldOptions,
  defaults: WorldSettings,
  base: () => string,
): Promise<WorldHandle> {
  const own = readCodeSettings(settings, (complaint) => {
    throw new SandboxError("invalid_request", `The setting ${complaint}.`);
  });
  const asked = unwrap(parseValue(openWorldBody, { processingAccountId, clock }));
  const view = unwrap(await merchants.open({ ...asked, settings: { ...defaults, ...own } }));
  const credentials = presentCredentials(view, base());
  return {
    ...worldHandle(control, view.processingAccountId, base),
    credentials: { ...credentials, privateKey: credentials.privateKey ?? "" },
  };
}

/** The value, or the refusal thrown. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { reason, errors = [] } = presentRefusal(result.refusal).body;
  const message = errors.length > 0 ? errors.map(({ description }) => description).join(" ") : reason.description;
  throw new SandboxError(reason.code, message);
}
