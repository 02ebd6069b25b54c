/** A text that was read, or the problem with it. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export function read<T>(value: T): Reading<T> {
  return { ok: true, value };
}

export function unreadable(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** A request that a developer pasted. */
export interface PastedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** `X-Signature`; `undefined` without the header. */
  readonly signature: string | undefined;
  readonly body: string;
  readonly notes: readonly string[];
}

/** Path and query of a URL or of a request target, as they are sent. */
export function targetOf(url: string): string {
  const rest = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "").replace(/#.*$/s, "");
  return rest.startsWith("/") ? rest : `/${rest}`;
}

const quotedMax = 60;

/** A part of a pasted text as a message quotes it. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length <= quotedMax ? text : `${text.slice(0, quotedMax)}…`);
}
