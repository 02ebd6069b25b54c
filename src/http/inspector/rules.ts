import { html } from "hono/html";
import { contractOf, contractSpelling } from "../../domain/contract.ts";
import {
  type ContractChanges,
  type ContractRuleName,
  contractRuleNames,
  contractRules,
} from "../../domain/contract-rules.ts";
import { writeSpelled } from "../../domain/spelling.ts";
import type { WholePayment } from "../../services/payments/payments.ts";
import { sources } from "../api/provenance.ts";
import { foreign, type Html } from "../ui/html.ts";
import { directions } from "./format.ts";
import { copyButton } from "./forms.ts";
import { addressOf } from "./page-address.ts";
import type { PageData } from "./page-data.ts";

/** Every rule as requests spell it. */
type SpelledRules = Readonly<Record<ContractRuleName, unknown>>;

function spelled(changes: ContractChanges | undefined): SpelledRules {
  return writeSpelled(contractSpelling, contractOf(changes)) as SpelledRules;
}

const defaults = spelled(undefined);

/** Names of the rules that two profiles do not have in common. */
function rulesThatDiffer(one: SpelledRules, other: SpelledRules): ContractRuleName[] {
  return contractRuleNames.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}

/** The rules of the world: those that differ from the defaults first. */
export function rulesPanel({ address, world }: PageData): Html {
  const values = spelled(world.settings.contract);
  const different = rulesThatDiffer(values, defaults);
  const others = contractRuleNames.filter((name) => !different.includes(name));
  return html`<article class="rules" data-testid="rules">
    <a class="back" href="${addressOf(address, { place: "home" })}" data-testid="back">All payments</a>
    <header>
      <h2>Rules of the provider</h2>
      <p class="quiet">The provider's public pages do not settle these rules. Change one if you know better. A payment
        keeps the rules that its world had when it was created.</p>
    </header>
    ${differentRules(different, values)}
    ${howToChange(different, values, world.processingAccountId)}
    ${others.length === 0 ? "" : ruleSection("default", "As by default", others, values)}
    ${markSection()}
  </article>`;
}

function differentRules(names: readonly ContractRuleName[], values: SpelledRules): Html {
  if (names.length > 0) return ruleSection("different", "Different from the default", names, values);
  return html`<p class="note" data-testid="no-different-rule">All rules of this world have their default values.</p>`;
}

function howToChange(names: readonly ContractRuleName[], values: SpelledRules, world: string): Html {
  const contract = Object.fromEntries(names.map((name) => [name, values[name]]));
  return html`<section aria-labelledby="change-heading">
    <h3 id="change-heading">Change a rule</h3>
    <p>Send <code>PATCH /_sandbox/worlds/${world}</code> with the rule in <code>settings.contract</code>. The
      configuration file has the same member. See <code>docs/reference/contract.md</code> and the
      <a href="/docs/control" data-testid="rules-docs">control API</a>.</p>
    ${
      names.length === 0
        ? ""
        : html`<h4>The rules that differ, as JSON for the request or the file</h4>
          <pre id="rules-json" tabindex="0" data-testid="rules-json">${inLines({ settings: { contract } })}</pre>
          ${copyButton("rules-json", "Copy the JSON", "copy-rules")}`
    }
  </section>`;
}

function ruleSection(id: string, heading: string, names: readonly ContractRuleName[], values: SpelledRules): Html {
  return html`<section aria-labelledby="${id}-heading">
    <h3 id="${id}-heading">${heading} <span class="quiet">${names.length}</span></h3>
    <ul>${names.map((name) => ruleItem(name, values[name]))}</ul>
  </section>`;
}

function ruleItem(name: ContractRuleName, value: unknown): Html {
  const { mark, help, allowed } = contractRules[name];
  const isDefault = JSON.stringify(value) === JSON.stringify(defaults[name]);
  const state = isDefault ? "default" : "different";
  const differs = isDefault ? "" : html`<span class="pill warn" data-testid="rule-differs">Differs</span>`;
  return html`<li id="rule-${name}" data-testid="rule" data-rule="${name}" data-state="${state}">
      <h4><code>${name}</code> ${differs} <span class="quiet" data-testid="rule-mark">[${mark}]</span></h4>
      <p data-testid="rule-help">${sentenceOf(help)}</p>
      <dl>
        <div><dt>This world</dt><dd data-testid="rule-value">${valueText(value)}</dd></div>
        <div><dt>Default</dt><dd data-testid="rule-default">${valueText(defaults[name])}</dd></div>
        <div><dt>Allowed</dt><dd data-testid="rule-allowed">${withCode(allowed)}</dd></div>
      </dl>
    </li>`;
}

/** What the marks of the rules mean. */
function markSection(): Html {
  const marks = [...new Set(contractRuleNames.map((name) => contractRules[name].mark))];
  return html`<section aria-labelledby="marks-heading">
    <h3 id="marks-heading">Origin of the default</h3>
    <dl class="marks" data-testid="rule-marks">${marks.map(
      (mark) => html`<div><dt>[${mark}]</dt><dd>${sources[mark]}</dd></div>`,
    )}</dl>
  </section>`;
}

/** Maximum length of a value in a line of text. */
const lineMax = 80;

function valueText(value: unknown): Html {
  const text = inLine(value);
  if (text.length <= lineMax) return html`<code>${foreign(text)}</code>`;
  return html`<pre tabindex="0" data-testid="rule-value-text">${inLines(value)}</pre>`;
}

function inLine(value: unknown): string {
  return typeof value === "string" ? value : visibleJson(JSON.stringify(value));
}

function inLines(value: unknown): string {
  return visibleJson(JSON.stringify(value, null, 2));
}

/** JSON with escapes for characters that would show its marks in another order. */
function visibleJson(json: string): string {
  return json.replace(directions, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** A help text as a sentence. */
function sentenceOf(help: string): Html {
  return withCode(`${help.charAt(0).toUpperCase()}${help.slice(1)}.`);
}

/** A text of the table, with its words in backquotes as code. */
function withCode(text: string): Html {
  return html`${text.split("`").map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}

/** The link to the rules of the world, with the number of those that differ from the defaults. */
export function rulesLink({ address, world }: PageData, testid: string): Html {
  const count = Object.keys(world.settings.contract ?? {}).length;
  const url = addressOf({ place: "rules", world: address.world });
  const current = address.place === "rules" ? html`aria-current="page"` : "";
  return html`<a href="${url}" ${current} data-testid="${testid}">Rules of the provider${
    count === 0 ? "" : html` <span class="quiet">${count} ${count === 1 ? "differs" : "differ"}</span>`
  }</a>`;
}

/** The rules that a payment was created under and that its world does not have now; `undefined` without any. */
export function rulesOfPayment({ payment, world }: WholePayment, { address }: PageData): Html | undefined {
  const then = spelled(payment.contract);
  const different = rulesThatDiffer(then, spelled(world.settings.contract));
  if (different.length === 0) return undefined;
  const url = addressOf({ place: "rules", world: address.world });
  const rules = different.map((name, index) => {
    const value = html`<code>${name}</code> ${foreign(shortened(inLine(then[name])))}`;
    return index === 0 ? value : html`, ${value}`;
  });
  return html`${rules}; <a href="${url}" data-testid="payment-to-rules">the world has others now</a>`;
}

/** Maximum length of a value on the page of a payment, in characters. */
const shortMax = 40;

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= shortMax ? text : `${characters.slice(0, shortMax).join("")}…`;
}
