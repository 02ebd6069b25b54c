import { html } from "hono/html";
import { catalogue, type ScenarioName } from "../../domain/scenario.ts";
import { scenarioGroups } from "../../domain/scenario-catalogue.ts";
import type { Html } from "../ui/html.ts";
import { counted, scenarioInWords } from "./format.ts";
import { hiddenFields } from "./forms.ts";
import type { PageData } from "./page-data.ts";
import { inputForm } from "./refused-form.ts";

/** Maximum number of queued scenarios on the page. */
const shownMax = 3;

/** The most used scenarios, with a short label each. */
const frequent: readonly (readonly [name: ScenarioName, label: string])[] = [
  ["declined", "Decline"],
  ["expired", "Expire"],
  ["failed", "Fail"],
  ["webhook_twice", "Webhook twice"],
  ["slow_response", "Slow"],
];

/** What happens to the next payments: the queue, and a button for each scenario of the catalogue. */
export function queueSection(data: PageData): Html {
  return html`<section class="next" aria-labelledby="queue-heading">
    <div class="queued">
      <h2 id="queue-heading">Next payment</h2>
      ${
        data.queue.length === 0
          ? html`<p class="note" data-testid="queue-empty">The queue is empty: the payer decides.</p>`
          : queueList(data)
      }
    </div>
    ${scenarioForm(data)}
  </section>`;
}

function queueList(data: PageData): Html {
  const hidden = data.queue.length - shownMax;
  return html`<ol class="queue" data-testid="queue">${data.queue
    .slice(0, shownMax)
    .map(
      ({ scenario, times }) => html`<li>${scenarioInWords(scenario)} <span class="quiet">×${times}</span></li>`,
    )}</ol>
    ${hidden <= 0 ? "" : html`<p class="note" data-testid="queue-more">Then ${counted(hidden, "more scenario")}.</p>`}
    <form method="post" action="/inspector/scenarios/clear">
      ${hiddenFields(data)}<button data-testid="queue-clear">Empty the queue</button>
    </form>`;
}

/** Queues the scenario of the pressed button. Enter in a field presses the first button, so that one is disabled. */
function scenarioForm(data: PageData): Html {
  const form = inputForm(data, "scenario");
  return html`<form method="post" action="/inspector/scenarios" class="stack" ${form.attributes}>
      <button disabled hidden></button>
      ${hiddenFields(data)} ${form.marker}
      <div class="buttons">${frequent.map(
        ([name, label]) =>
          html`<button name="scenario" value="${name}" data-testid="scenario-frequent">${label}</button>`,
      )}</div>
      <div class="line">
        <label for="times">How many times</label>
        <input id="times" name="times" type="number" min="1" max="1000" value="${form.value("times", "1")}" required
          ${form.attributesOf("times")} data-testid="scenario-times">
      </div>
      ${form.problemOf("times")}
      <div class="filter">
        <label class="unseen" for="scenario-search">Search scenarios</label>
        <input id="scenario-search" type="search" placeholder="Search scenarios" autocomplete="off" spellcheck="false"
          data-filters="#scenario-form details button" data-testid="scenario-search">
        <output for="scenario-search" class="note" data-keep></output>
      </div>
      ${scenarioGroups.map(scenarioGroup)}
    </form>`;
}

function scenarioGroup(group: string): Html {
  const scenarios = catalogue.filter((scenario) => scenario.group === group);
  return html`<details id="scenarios-${group}">
      <summary data-testid="scenario-group">${group}&nbsp;<span class="quiet">${scenarios.length}</span></summary>
      ${scenarios.map(
        ({ name, description }) =>
          html`<button name="scenario" value="${name}" data-testid="scenario">${name}
          <small>${description}</small></button>`,
      )}
    </details>`;
}
