import { html } from "hono/html";
import type { Html } from "../../ui/html.ts";
import { differenceOf } from "./difference.ts";
import type { Comparison } from "./examination.ts";
import { legend, visiblePieces } from "./visible.ts";

type Excerpt = Comparison["expected"];

interface Names {
  readonly title: string;
  readonly expected: string;
  readonly given: string;
}

const ofRequest: Readonly<Record<Comparison["part"], Names>> = {
  aud: { title: "Method and path (aud)", expected: "Expected: of this request", given: "Given: in the header" },
  body: { title: "Body", expected: "Expected: what the sandbox received", given: "Given: what was signed" },
  signing_input: {
    title: "Signed bytes (signing input)",
    expected: "Expected: {b64url header}.{b64url body}",
    given: "Given: what was signed",
  },
};

const ofMessage: Readonly<Record<Comparison["part"], Names>> = {
  ...ofRequest,
  aud: {
    title: "URL (aud)",
    expected: "Expected: what the sandbox signed",
    given: "Given: what your program compares with",
  },
  body: { title: "Body", expected: "Expected: what the sandbox signed", given: "Given: what your program verifies" },
};

/**
 * A part of the signed content, as expected and as given.
 * @param all all comparisons of the examination.
 */
export function comparisonSection(comparison: Comparison, all: readonly Comparison[], isMessage: boolean): Html {
  const { part, expected, given, differsAt } = comparison;
  const names = (isMessage ? ofMessage : ofRequest)[part];
  const frame = (content: Html) => html`<section class="compared" data-testid="doctor-${testids[part]}">
      <h4>${names.title}</h4>${content}</section>`;
  if (part === "signing_input" && isExplainedByBody(all)) return signingInputDrawer(comparison, names);
  if (given === undefined) return frame(unknown(expected, names, part));
  if (differsAt === undefined) return frame(html`<p><span class="pill good">Right</span> ${same(expected, part)}</p>`);
  const isFirst = all.find((other) => other.differsAt !== undefined) === comparison;
  return frame(difference(expected, given, differsAt, names, isFirst));
}

const testids: Readonly<Record<Comparison["part"], string>> = {
  aud: "aud",
  body: "body",
  signing_input: "signing-input",
};

/** Whether the bodies show what is wrong with the signed bytes, or nothing is known of them. */
function isExplainedByBody(all: readonly Comparison[]): boolean {
  const isSame = all.some(({ part, given }) => part === "signing_input" && given === undefined);
  return isSame || all.some(({ part, given }) => part === "body" && given !== undefined);
}

function same(expected: Excerpt, part: Comparison["part"]): Html {
  const size = part === "aud" ? html`<code>${visiblePieces(plain(expected))}</code>` : sizeOf(expected);
  return html`Expected and given are the same: ${size}.`;
}

function unknown(expected: Excerpt, names: Names, part: Comparison["part"]): Html {
  const why =
    part === "aud"
      ? "The header has no such text."
      : "What was signed is not known, because a signature does not contain it. Compare size and hash with your own.";
  const text = visiblePieces(plain(expected));
  return html`<div class="sides">
      <div><h5>${names.expected}</h5><pre tabindex="0" data-testid="doctor-expected">${text}</pre>
        ${
          part === "aud"
            ? ""
            : html`<p class="note">${sizeOf(expected)}, SHA-256 ${expected.sha256}.
        ${cutNote(expected)}</p>`
        }</div>
      <div><h5>${names.given}</h5><p class="note">${why}</p></div>
    </div>`;
}

function difference(expected: Excerpt, given: Excerpt, differsAt: number, names: Names, isFirst: boolean): Html {
  const [right, wrong] = differenceOf(sideOf(expected), sideOf(given));
  const column = (side: "expected" | "given", excerpt: Excerpt, pieces: ReturnType<typeof differenceOf>[0]) => {
    const text = excerpt.size === 0 ? html`<i>(empty)</i>` : visiblePieces(pieces);
    return html`<div><h5>${names[side]}</h5><pre tabindex="0" data-testid="doctor-${side}">${text}</pre>
        <p class="note">${sizeOf(excerpt)}. ${cutNote(excerpt, "around the first difference")}</p></div>`;
  };
  const from = (differsAt + 1).toLocaleString("en");
  return html`<p class="note">They differ from byte ${from} on. ${isFirst ? legend : ""}</p>
    <div class="sides">${column("expected", expected, right)} ${column("given", given, wrong)}</div>`;
}

function signingInputDrawer({ expected }: Comparison, names: Names): Html {
  return html`<details class="panel">
      <summary data-testid="doctor-signing-input-open">${names.title}</summary>
      <h5>${names.expected}</h5>
      <pre tabindex="0" data-testid="doctor-signing-input">${visiblePieces(plain(expected))}</pre>
      <p class="note">${sizeOf(expected)}, SHA-256 ${expected.sha256}. ${cutNote(expected)}</p>
    </details>`;
}

function plain({ text }: Excerpt): { readonly text: string; readonly differs: false }[] {
  return [{ text, differs: false }];
}

function sideOf({ text, end, size }: Excerpt): { readonly text: string; readonly isCut: boolean } {
  return { text, isCut: end < size };
}

function sizeOf({ size }: Excerpt): string {
  return size === 0 ? "empty, 0 bytes" : `${size.toLocaleString("en")} byte${size === 1 ? "" : "s"}`;
}

function cutNote({ start, end, size }: Excerpt, where = "the first ones"): string {
  if (start === 0 && end === size) return "";
  const range = `${(start + 1).toLocaleString("en")} to ${end.toLocaleString("en")}`;
  return `Only bytes ${range} are shown, ${where}.`;
}
