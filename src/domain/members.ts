import type { Money } from "./money.ts";

/** The type in code of each kind of simple value. The snapshot schema has one rule for each. */
export interface SimpleTypes {
  boolean: boolean;
  true: true;
  string: string;
  /** Not empty. */
  text: string;
  ksuid: string;
  /** 24 letters, digits, hyphens and underscores. */
  token: string;
  httpUrl: string;
  /** An http or https URL, or one with an app's own scheme. */
  returnUrl: string;
  /** PKCS #8, PEM. */
  privateKey: string;
  /** The name and the value of a header. */
  header: readonly [name: string, value: string];
  count: number;
  positiveCount: number;
  /** World time or real time, in milliseconds since 1970. */
  time: number;
  /** Milliseconds, at most `durationMaxMs`. */
  delayMs: number;
  money: Money;
  /** More than nothing. */
  positiveMoney: Money;
}

/** The description of a value: a simple type, a closed list, or a composition of other values. */
export type Value =
  | keyof SimpleTypes
  | { readonly oneOf: readonly (string | number)[] }
  | { readonly either: readonly Value[] }
  | { readonly list: Value }
  | { readonly object: Members }
  /** Objects whose member `kind` names their other members. */
  | { readonly kinds: Readonly<Record<string, Members>> };

/** The description of a member. */
export type Member = Value | { readonly optional: Value };

/** The description of a record: its type in code and its schema in snapshots follow from it. */
export type Members = Readonly<Record<string, Member>>;

type TypeOf<V> = V extends keyof SimpleTypes
  ? SimpleTypes[V]
  : V extends { readonly oneOf: infer L extends readonly (string | number)[] }
    ? L[number]
    : V extends { readonly either: infer E extends readonly Value[] }
      ? TypeOf<E[number]>
      : V extends { readonly list: infer I }
        ? readonly TypeOf<I>[]
        : V extends { readonly object: infer M }
          ? RecordOf<M>
          : V extends { readonly kinds: infer K }
            ? { [N in keyof K]: Flat<{ readonly kind: N } & RecordOf<K[N]>> }[keyof K]
            : never;

type Optional = { readonly optional: Value };
type Flat<T> = { [M in keyof T]: T[M] };

/** The type of the records that a description describes. */
export type RecordOf<D> = Flat<
  { readonly [M in keyof D as D[M] extends Optional ? never : M]: TypeOf<D[M]> } & {
    readonly [M in keyof D as D[M] extends Optional ? M : never]?: D[M] extends { readonly optional: infer V }
      ? TypeOf<V> | undefined
      : never;
  }
>;
