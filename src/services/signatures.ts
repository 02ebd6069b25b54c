import type { SignatureVerdict } from "../domain/logged-request.ts";
import { activeKeys, type Caller, type Credential, type HmacKey, type Scope } from "../domain/merchant.ts";
import type { RealClock } from "../platform/clock.ts";
import { type Diagnosis, type DoctorKnowledge, diagnoseSignature } from "../security/doctor/doctor.ts";
import { parseDetachedJws } from "../security/jws.ts";
import { type SignedParts, verifyRequestSignature } from "../security/request-signature.ts";
import { signResponseBody } from "../security/response-signature.ts";
import type { Store, UnitOfWork } from "../store/store.ts";
import type { DiagnosisBudget } from "./diagnosis-budget.ts";
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
  /**
   * Candidates for the world that logs the request: first the world that the request names, which it may open, then the
   * first world of the key's merchant. The first that exists after the response gets it.
   */
  readonly logWorlds: readonly string[];
  /** The payment in the path, or the payment of the refund there. */
  readonly paymentId?: string | undefined;
  /** What is wrong with the signature, for the caller. It names no key of another merchant than `merchantId`. */
  readonly diagnosis?: string;
  /** The same for the request log of the first world in `logWorlds`, which may be another merchant's. */
  readonly loggedDiagnosis?: string;
}

/** Maximum number of verifications for a 401, so that it does not delay other requests. The doctor does more. */
const inlineVerificationsMax = 500;
const readOnly = { readOnly: true };
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

  /** Finds the caller and checks the signature. @param signature `X-Signature`; `undefined` without the header. */
  async authenticate(signature: string | undefined, parts: SignedParts): Promise<Authentication> {
    const { credential, subject, named, own } = await this.#store.atomically(async (unit) => {
      const credential = await credentialOf(unit, signature);
      const subject = await subjectOf(unit, parts);
      const named = await worldNamedBy(unit, parts, subject);
      const own = credential === undefined ? [] : await unit.list("world", { merchantId: credential.merchantId });
      return { credential, subject, named, own };
    }, readOnly);
    if (credential !== undefined) remember(this.#merchantsByKid, credential.kid, credential.merchantId);
    const base = {
      caller: { merchantId: undefined },
      scopes: "all",
      merchantId: credential?.merchantId ?? named?.merchantId ?? this.#worlds.demoMerchantId,
      logWorlds: [named?.processingAccountId ?? accountIn(parts.body), own[0]?.processingAccountId].filter(
        (id) => id !== undefined,
      ),
      paymentId: subject?.paymentId,
    } as const;
    if (this.#mode === "off") return { ...base, verdict: "ignored" };
    if (signature === undefined) {
      const [verdict, diagnosis] =
        this.#mode === "require" ? (["wrong", missing] as const) : (["unsigned", unsigned] as const);
      return { ...base, verdict, diagnosis, loggedDiagnosis: diagnosis };
    }
    const verdict = verifyRequestSignature(signature, parts, this.#clock.now(), () => credential?.publicKey);
    if (!verdict.ok || credential === undefined) {
      const known = await this.#keysFor(base.merchantId);
      const { sentence: diagnosis } = this.#diagnoseWithinBudget(signature, parts, {
        ...known,
        hidesKids: base.merchantId !== this.#worlds.demoMerchantId,
      });
      const isOwnLog = named === undefined || named.merchantId === base.merchantId;
      const loggedDiagnosis = isOwnLog ? diagnosis : withoutKids(diagnosis, known);
      return { ...base, verdict: "wrong", diagnosis, loggedDiagnosis };
    }
    const { merchantId, scopes } = credential;
    return { ...base, verdict: "signed", caller: { merchantId }, scopes };
  }

  /** Does every check of a signature, in any mode, with the keys of every merchant. */
  async diagnose(signature: string | undefined, parts: SignedParts): Promise<Diagnosis> {
    const known = await this.#store.atomically(async (unit) => ({
      credentials: await unit.all("credential"),
      hmacKeys: (await unit.all("merchant")).flatMap(({ hmacKeys }) => hmacKeys),
    }));
    return this.#diagnose(signature, parts, known);
  }

  /** The keys of one merchant: the caller of a refused request learns no others. */
  #keysFor(merchantId: string): Promise<KnownKeys> {
    return this.#store.atomically(
      async (unit) => ({
        credentials: await unit.list("credential", { merchantId }),
        hmacKeys: (await unit.get("merchant", merchantId))?.hmacKeys ?? [],
      }),
      readOnly,
    );
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

  /**
   * The values of `X-Signature` for a response to this merchant, one for each active key. While the store cannot be
   * reached, the last known keys sign.
   */
  async sign(body: Uint8Array, merchantId = this.#worlds.demoMerchantId): Promise<string[]> {
    return signResponseBody(body, await this.#keysOf(merchantId), this.#clock.now());
  }

  /** The merchant whose keys sign the response to a request that was not authenticated, by the `kid` in it. */
  lastKnownMerchant(signature: string | undefined): string {
    const kid = signature === undefined ? undefined : kidOf(signature);
    return this.#merchantsByKid.get(kid ?? "") ?? this.#worlds.demoMerchantId;
  }

  async #keysOf(merchantId: string): Promise<readonly HmacKey[]> {
    try {
      const merchant = await this.#store.atomically((unit) => unit.get("merchant", merchantId), readOnly);
      remember(this.#keysByMerchant, merchantId, merchant?.hmacKeys ?? []);
      return activeKeys(merchant?.hmacKeys ?? [], this.#clock.now());
    } catch (error) {
      if (!this.#store.isUnavailable(error)) throw error;
      const { demoMerchantId } = this.#worlds;
      return this.#keysByMerchant.get(merchantId) ?? this.#keysByMerchant.get(demoMerchantId) ?? [];
    }
  }
}

type KnownKeys = Pick<DoctorKnowledge, "credentials" | "hmacKeys">;
type DiagnosisScope = KnownKeys & Pick<DoctorKnowledge, "hidesKids" | "verificationsMax">;

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

function kidOf(signature: string): string | undefined {
  const jws = parseDetachedJws(signature);
  const kid = typeof jws === "object" ? jws.header.kid : undefined;
  return typeof kid === "string" ? kid : undefined;
}

async function credentialOf(unit: UnitOfWork, signature: string | undefined): Promise<Credential | undefined> {
  const kid = signature === undefined ? undefined : kidOf(signature);
  return kid === undefined ? undefined : unit.get("credential", kid);
}

/** The world and payment in the path of a request. */
interface Subject {
  readonly processingAccountId: string;
  readonly paymentId: string;
}

async function subjectOf(unit: UnitOfWork, { target }: SignedParts): Promise<Subject | undefined> {
  const [, id = ""] = /^\/v1\/payments\/([^/?]+)/.exec(target) ?? [];
  const [, of = "", trackId = ""] = /^\/v1\/tracks\/(payments|refunds)\/([^/?]+)/.exec(target) ?? [];
  if (of === "refunds") return (await unit.list("refund", { trackId }))[0];
  if (id === "" && of === "") return undefined;
  const payment = of === "payments" ? (await unit.list("payment", { trackId }))[0] : await unit.get("payment", id);
  return payment && { processingAccountId: payment.processingAccountId, paymentId: payment.id };
}

/** The world in the path, body or query of a request. */
async function worldNamedBy(unit: UnitOfWork, { target, body }: SignedParts, subject: Subject | undefined) {
  const [, query = ""] = /\?(.*)$/s.exec(target) ?? [];
  const inQuery = new URLSearchParams(query).getAll("processingAccountId").at(-1);
  const processingAccountId = subject?.processingAccountId ?? accountIn(body) ?? inQuery;
  return processingAccountId === undefined ? undefined : unit.get("world", processingAccountId);
}

function accountIn(body: Uint8Array): string | undefined {
  if (body.length === 0) return undefined;
  try {
    const { processingAccountId } = (JSON.parse(Buffer.from(body).toString("utf8")) ?? {}) as Record<string, unknown>;
    return typeof processingAccountId === "string" ? processingAccountId : undefined;
  } catch {
    return undefined;
  }
}
