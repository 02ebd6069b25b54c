import type { ContractChanges } from "../domain/contract-rules.ts";
import type { SignatureVerdict } from "../domain/logged-request.ts";
import { activeKeys, type Caller, type Credential, type HmacKey, maySee, type Scope } from "../domain/merchant.ts";
import { type World, worldTime } from "../domain/world.ts";
import type { RealClock } from "../platform/clock.ts";
import { type Diagnosis, type DoctorKnowledge, diagnoseSignature } from "../security/doctor/doctor.ts";
import { type CorrectedPath, correctPath } from "../security/doctor/path.ts";
import { PreparedKeys } from "../security/prepared-keys.ts";
import { wrongSignatureForLog } from "../security/redaction.ts";
import {
  type ParsedSignature,
  parseSignature,
  type SignedParts,
  verifyRequestSignature,
} from "../security/request-signature.ts";
import { signResponseBody, withWrongSignature } from "../security/response-signature.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import type { DiagnosisBudget } from "./diagnosis-budget.ts";
import { subjectOf } from "./request-subject.ts";
import type { Worlds } from "./worlds/worlds.ts";

/** `verify`: a signature must be right, if there is one. `require`: every request needs one. `off`: no checks. */
export type AuthMode = "verify" | "require" | "off";

/** The caller of a request, the merchant whose keys sign the response, and the diagnosis of the signature. */
export interface Authentication {
  readonly verdict: SignatureVerdict;
  readonly caller: Caller;
  /** The scopes of the credential; all for an unsigned request. */
  readonly scopes: readonly Scope[] | "all";
  /** The merchant whose keys sign the response: of the key, else of the named world, else the demo merchant. [ours] */
  readonly merchantId: string;
  /** The world that the request names, as it was before the request; absent if it did not exist. */
  readonly named: World | undefined;
  /**
   * Candidates for the world that logs the request: first the world that the request names, which it may open, then the
   * first world of the key's merchant. The first that exists after the response gets it.
   */
  readonly logWorlds: readonly string[];
  /** The payment in the path, or the payment of the refund there. */
  readonly paymentId?: string | undefined;
  /** The profile of the request: of the payment in its path, else of the world it names, else of the sandbox. */
  readonly contract: ContractChanges | undefined;
  /** What is wrong with the signature, for the caller. It names no key of another merchant than `merchantId`. */
  readonly diagnosis?: string;
  /** The same for the request log of the first world in `logWorlds`, which may be another merchant's. */
  readonly loggedDiagnosis?: string;
  /** A wrong signature, for the log. */
  readonly sentSignature?: string;
}

/** Maximum number of verifications for a 401, so that it does not delay other requests. The doctor does more. */
const inlineVerificationsMax = 500;
const readOnly = { readOnly: true };
const anybody: Caller = { merchantId: undefined };
const unsigned = "unsigned: the provider would answer 401";
const missing = "X-Signature is missing: sign the request, every request needs it in this mode.";

/** Verifies requests and signs responses. Uses the real clock, never a world's clock. */
export class Signatures {
  readonly #store: Store;
  readonly #clock: RealClock;
  readonly #mode: AuthMode;
  readonly #worlds: Worlds;
  readonly #budget: DiagnosisBudget;
  /** The last known merchants by `kid` and keys by merchant, for responses while the store cannot be reached. */
  readonly #prepared = new PreparedKeys();
  readonly #merchantsByKid = new Map<string, string>();
  readonly #keysByMerchant = new Map<string, readonly HmacKey[]>();

  constructor(store: Store, clock: RealClock, mode: AuthMode, worlds: Worlds, budget: DiagnosisBudget) {
    this.#budget = budget;
    this.#store = store;
    this.#clock = clock;
    this.#mode = mode;
    this.#worlds = worlds;
  }

  /** Reads all merchants and credentials, to sign with their keys while the store cannot be reached. */
  async learn(): Promise<void> {
    if (!this.#store.shared) return;
    const [merchants, credentials] = await this.#store.atomically(
      async (unit) => [await unit.all("merchant"), await unit.all("credential")] as const,
      readOnly,
    );
    for (const { merchantId, hmacKeys } of merchants) remember(this.#keysByMerchant, merchantId, hmacKeys);
    for (const { kid, merchantId } of credentials) remember(this.#merchantsByKid, kid, merchantId);
  }

  /**
   * Finds the caller and checks the signature, in the unit of work of the request.
   * @param signature `X-Signature`; `undefined` without the header.
   * @param account the world that the body names.
   * @returns a wrong signature has no diagnosis yet: see `explain`.
   */
  async authenticate(
    unit: UnitOfWork,
    signature: string | undefined,
    parts: SignedParts,
    account: string | undefined,
  ): Promise<Authentication> {
    const parsed = signature === undefined ? undefined : parseSignature(signature);
    const kid = kidOf(parsed);
    const known = account ?? accountInQuery(parts.target);
    const worldOf = (id: string | undefined) => (id === undefined ? undefined : unit.get("world", id));
    const reads = [
      kid === undefined ? undefined : unit.get("credential", kid),
      subjectOf(unit, parts.target),
      worldOf(known),
    ] as const;
    // Together: a shared store reads them in one round trip.
    const [credential, subject, knownWorld] = this.#store.shared
      ? await Promise.all(reads)
      : ([await reads[0], await reads[1], await reads[2]] as const);
    const named = subject === undefined ? knownWorld : await worldOf(subject.processingAccountId);
    const needsOwn = credential !== undefined && named === undefined;
    const own = needsOwn ? await unit.list("world", { merchantId: credential.merchantId }) : [];
    if (credential !== undefined) remember(this.#merchantsByKid, credential.kid, credential.merchantId);
    const { verdict, diagnosis } = this.#verdictOn(parsed, parts, credential);
    const isSigned = verdict === "signed";
    const caller = isSigned ? { merchantId: credential?.merchantId } : anybody;
    const isOwn = named !== undefined && maySee(caller, named);
    return {
      verdict,
      caller,
      contract: isOwn ? (subject ?? named.settings).contract : this.#worlds.contract,
      scopes: isSigned ? (credential?.scopes ?? []) : "all",
      merchantId: credential?.merchantId ?? named?.merchantId ?? this.#worlds.demoMerchantId,
      named,
      logWorlds: [named?.processingAccountId ?? account, own[0]?.processingAccountId].filter((id) => id !== undefined),
      paymentId: subject?.paymentId,
      ...(diagnosis === undefined ? {} : { diagnosis, loggedDiagnosis: diagnosis }),
    };
  }

  #verdictOn(
    parsed: ParsedSignature | undefined,
    parts: SignedParts,
    credential: Credential | undefined,
  ): Pick<Authentication, "verdict" | "diagnosis"> {
    if (this.#mode === "off") return { verdict: "ignored" };
    if (parsed === undefined) {
      return this.#mode === "require"
        ? { verdict: "wrong", diagnosis: missing }
        : { verdict: "unsigned", diagnosis: unsigned };
    }
    const { ok } = verifyRequestSignature(parsed, parts, this.#clock.now(), () =>
      credential === undefined ? undefined : this.#prepared.publicKey(credential.publicKey),
    );
    return { verdict: ok ? "signed" : "wrong" };
  }

  /** Adds the diagnosis of a wrong signature. Its search for the cause is no part of the unit of work. */
  async explain(
    authentication: Authentication,
    signature: string | undefined,
    parts: SignedParts,
  ): Promise<Authentication> {
    const { verdict, merchantId, named } = authentication;
    if (verdict !== "wrong" || signature === undefined) return authentication;
    const known = await this.#knownOf(merchantId, named);
    const { sentence: diagnosis } = this.#diagnoseWithinBudget(signature, parts, {
      ...known,
      hidesKids: merchantId !== this.#worlds.demoMerchantId,
    });
    const isOwnLog = named === undefined || named.merchantId === merchantId;
    const loggedDiagnosis = isOwnLog ? diagnosis : withoutKids(diagnosis, known);
    return { ...authentication, diagnosis, loggedDiagnosis, sentSignature: wrongSignatureForLog(signature) };
  }

  /** Corrects the usual mistakes in the path of a request; `undefined` if it has none. */
  correctPath(target: string): CorrectedPath | undefined {
    return correctPath(target);
  }

  /** Does every check of a signature, in any mode, with the keys of every merchant. @param nowMs default: real time. */
  async diagnose(signature: string | undefined, parts: SignedParts, nowMs = this.#clock.now()): Promise<Diagnosis> {
    const kid = signature === undefined ? undefined : kidOf(parseSignature(signature));
    const known = await this.#store.atomically(async (unit) => {
      const credentials = await unit.all("credential");
      const { merchantId } = credentials.find((credential) => credential.kid === kid) ?? {};
      return {
        nowMs,
        credentials,
        hmacKeys: (await unit.all("merchant")).flatMap(({ hmacKeys }) => hmacKeys),
        worldTimesMs: merchantId === undefined ? [] : this.#timesOf(await unit.list("world", { merchantId })),
      };
    });
    return this.#diagnose(signature, parts, known);
  }

  /**
   * The keys of one merchant: the caller of a refused request learns no others. The clocks are those of its worlds, or
   * that of the world that the request names.
   */
  #knownOf(merchantId: string, named: World | undefined): Promise<KnownKeys> {
    return this.#store.atomically(
      async (unit) => ({
        credentials: await unit.list("credential", { merchantId }),
        hmacKeys: (await unit.get("merchant", merchantId))?.hmacKeys ?? [],
        worldTimesMs: this.#timesOf(named === undefined ? await unit.list("world", { merchantId }) : [named]),
      }),
      readOnly,
    );
  }

  #timesOf(worlds: readonly World[]): number[] {
    const now = this.#clock.now();
    return worlds.map(({ clock }) => worldTime(clock, now));
  }

  /** Skips the search for the cause while the budget does not allow it. */
  #diagnoseWithinBudget(signature: string, parts: SignedParts, known: DiagnosisScope): Diagnosis {
    const verificationsMax = this.#budget.has(inlineVerificationsMax) ? inlineVerificationsMax : 0;
    return this.#diagnose(signature, parts, { ...known, verificationsMax });
  }

  #diagnose(signature: string | undefined, parts: SignedParts, known: DiagnosisScope): Diagnosis {
    const onVerified = (verifications: number) => this.#budget.spend(verifications);
    return diagnoseSignature(signature, parts, { nowMs: this.#clock.now(), ...known, onVerified });
  }

  /** The values of `X-Signature` for a response, one for each key. @param isWrong whether to make them wrong. */
  sign(body: string, keys: readonly HmacKey[], isWrong = false): string[] {
    const lines = signResponseBody(body, keys, this.#clock.now(), (key) => this.#prepared.signer(key));
    return isWrong ? lines.map(withWrongSignature) : lines;
  }

  /** The merchant whose keys sign the response to a request that was not authenticated, by the `kid` in it. */
  lastKnownMerchant(signature: string | undefined): string {
    const kid = signature === undefined ? undefined : kidOf(parseSignature(signature));
    return this.#merchantsByKid.get(kid ?? "") ?? this.#worlds.demoMerchantId;
  }

  /** The active keys of a merchant, read in a unit of work. */
  async keysIn(unit: UnitOfWork, merchantId: string): Promise<readonly HmacKey[]> {
    const { hmacKeys = [] } = (await unit.get("merchant", merchantId)) ?? {};
    if (this.#store.shared) remember(this.#keysByMerchant, merchantId, hmacKeys);
    return activeKeys(hmacKeys, this.#clock.now());
  }

  /** The active keys of a merchant, by default the demo merchant. Without the store: the last known ones. */
  async keysOf(merchantId = this.#worlds.demoMerchantId): Promise<readonly HmacKey[]> {
    try {
      return await this.#store.atomically((unit) => this.keysIn(unit, merchantId), readOnly);
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
      const { demoMerchantId } = this.#worlds;
      return this.#keysByMerchant.get(merchantId) ?? this.#keysByMerchant.get(demoMerchantId) ?? [];
    }
  }
}

type KnownKeys = Pick<DoctorKnowledge, "credentials" | "hmacKeys" | "worldTimesMs">;
type DiagnosisScope = KnownKeys & Partial<Pick<DoctorKnowledge, "nowMs" | "hidesKids" | "verificationsMax">>;

/** Replaces the ids of these keys, which belong to another merchant than the reader. */
function withoutKids(sentence: string, { credentials, hmacKeys }: KnownKeys): string {
  return [...credentials, ...hmacKeys].reduce((text, { kid }) => text.replaceAll(`"${kid}"`, foreignKid), sentence);
}

const foreignKid = "of another merchant";

/** Maximum number of remembered entries. */
const rememberedMax = 1000;

function remember<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > rememberedMax && oldest !== undefined) known.delete(oldest);
}

function kidOf(signature: ParsedSignature | undefined): string | undefined {
  const kid = typeof signature?.jws === "object" ? signature.jws.header.kid : undefined;
  return typeof kid === "string" ? kid : undefined;
}

function accountInQuery(target: string): string | undefined {
  const start = target.indexOf("?");
  if (start === -1) return undefined;
  return new URLSearchParams(target.slice(start + 1)).getAll("processingAccountId").at(-1);
}
