import { html } from "hono/html";
import type { Refusal } from "../../domain/refusal.ts";
import { presentRefusal } from "../api/refusals.ts";
import { foreign, type Html } from "../ui/html.ts";

/** A field of a form: the id of its element, its name in sentences, and the path of its errors. */
interface FieldRule {
  readonly id: string;
  readonly label: string;
  readonly path: string;
}

const url = { label: "The URL", path: "settings.webhookUrl" } as const;

/** The forms with fields. The hidden field `form` has the name. */
const inputForms = {
  act: {
    wallet: { id: "wallet", label: "The wallet", path: "wallet" },
    reason: { id: "reason", label: "The reason", path: "reason" },
  },
  refund: {
    amount: { id: "refund-amount", label: "The amount", path: "amount.value" },
    merchantReference: { id: "refund-reference", label: "The reference", path: "merchantReference" },
  },
  advance: { by: { id: "by", label: "The duration", path: "by" } },
  scenario: {
    times: { id: "times", label: "The number of times", path: "times" },
  },
  endpoint: { webhookUrl: { id: "endpoint-url", ...url } },
  "why-endpoint": { webhookUrl: { id: "why-endpoint", ...url } },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldRule>>>>;

type FormName = keyof typeof inputForms;
type FieldName<F extends FormName> = keyof (typeof inputForms)[F] & string;

/** A refused form with what was typed, and the problems of its fields, in order. */
export interface RefusedForm {
  readonly name: FormName;
  readonly typed: URLSearchParams;
  readonly problems: readonly { readonly field: string; readonly id: string; readonly sentence: string }[];
}

/** A refused form, if it has fields. */
export function refusedForm(typed: URLSearchParams, refusal: Refusal): RefusedForm | undefined {
  const given = typed.get("form") ?? "";
  if (!Object.hasOwn(inputForms, given)) return undefined;
  const name = given as FormName;
  const { reason, errors = [] } = presentRefusal(refusal).body;
  const rules = Object.entries<FieldRule>(inputForms[name]);
  const problems = rules.flatMap(([field, { id, label, path }]) => {
    const error = errors.find((one) => one.path === path);
    if (error !== undefined) return [{ field, id, sentence: error.description.replace(path, label) }];
    // A rule of the payment, about the only amount that the form has.
    return refusal.code === "refund_amount_exceeded" && field === "amount"
      ? [{ field, id, sentence: reason.description }]
      : [];
  });
  return { name, typed, problems };
}

/** The problems of the fields, each as a link to its field. */
export function problemLinks({ problems }: RefusedForm): Html {
  return html`${problems.map(({ id, sentence }) => html`<a href="#${id}">${foreign(sentence)}</a> `)}`;
}

/** How a form with fields is written: after a refusal with what was typed and with the problems. */
export interface InputForm<F extends FormName> {
  /** Attributes of the form element. */
  readonly attributes: Html;
  /** The attribute `open` of the details around a form that was refused. */
  readonly open: Html | "";
  /** The hidden field with the name of the form. */
  readonly marker: Html;
  /** What was typed into a field; without a refusal the initial value. */
  readonly value: (field: FieldName<F>, initial?: string) => string;
  /** Attributes of a field. The first field with a problem has the focus. */
  readonly attributesOf: (field: FieldName<F>) => Html | "";
  /** The problem of a field. */
  readonly problemOf: (field: FieldName<F>) => Html | "";
}

/** Returns the writer of a form of a page. */
export function inputForm<F extends FormName>(
  { refused }: { readonly refused?: RefusedForm | undefined },
  name: F,
): InputForm<F> {
  const own = refused?.name === name ? refused : undefined;
  const find = (field: string) => own?.problems.find((problem) => problem.field === field);
  return {
    // An update of the page would remove the problems.
    attributes: html`id="${name}-form"${own === undefined ? "" : html` data-keep`}`,
    open: own === undefined ? "" : html`open`,
    marker: html`<input type="hidden" name="form" value="${name}">`,
    value: (field, initial = "") => own?.typed.get(field) ?? initial,
    attributesOf: (field) => {
      const problem = find(field);
      if (problem === undefined) return "";
      const focus = problem === own?.problems[0] ? html`autofocus` : "";
      return html`aria-invalid="true" aria-describedby="${problem.id}-problem" ${focus}`;
    },
    problemOf: (field) => {
      const problem = find(field);
      if (problem === undefined) return "";
      return html`<p class="field-problem" id="${problem.id}-problem" data-testid="field-problem">${foreign(
        problem.sentence,
      )}</p>`;
    },
  };
}
