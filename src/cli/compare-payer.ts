import { createInterface } from "node:readline/promises";
import { NotReached, Stop } from "../compare/safety.ts";
import type { Payer, PayerAction } from "../compare/subject.ts";
import { escapeControlCharacters } from "../domain/control-characters.ts";
import { runInShell } from "../platform/command.ts";

/** Maximum time of a command of the payer, in milliseconds: it may wait until a payment expires. */
const commandTimeoutMs = 7_200_000;

/** A payer who is a command. @param command text for the shell. */
export function commandPayer(command: string): Payer {
  const run = (action: string, { id = "", url = "", seconds = "" }) =>
    runInShell({
      command,
      parameters: [action, url],
      variables: { COMPARE_ACTION: action, COMPARE_URL: url, COMPARE_PAYMENT: id, COMPARE_SECONDS: seconds },
      timeoutMs: commandTimeoutMs,
    });
  return {
    act: async (action, payment) => {
      const failure = await run(action, payment);
      if (failure !== undefined) throw new NotReached(`--payer-command cannot ${action}: ${failure}`);
    },
    goBack: async (payment) => {
      const failure = await run("return", payment);
      if (failure !== undefined) throw new NotReached(`--payer-command cannot return: ${failure}`);
    },
    wait: async (seconds) => (await run("wait", { seconds: String(seconds) })) === undefined,
  };
}

const instructions: Readonly<Record<PayerAction, string>> = {
  pay: "Open this page, pay, and let the browser go back",
  cancel: "Open this page and cancel",
  decline: "Open this page and let the wallet refuse, for example without money",
  expire: "Let this payment expire: do not pay, and wait until it has ended",
  fail: "Make this payment fail, if your test account can do that",
};

/** Asks a question in the terminal. Rejects with `Stop` if the terminal is closed, or at Ctrl-C. */
export async function askInTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<never>((_, reject) => {
      terminal.once("close", () => reject(new Stop("the terminal was closed")));
    });
    const answer = await Promise.race([terminal.question(escapeControlCharacters(question)), closed]);
    return answer.trim();
  } finally {
    terminal.close();
  }
}

/** A payer who sits at the terminal. */
export const personalPayer: Payer = {
  act: async (action, { url }) => {
    const shown = /^https?:\/\//.test(url) ? url : "(the answer has no page)";
    const answer = await askInTerminal(`${instructions[action]}: ${shown} - then press Enter, or write skip: `);
    if (answer !== "") throw new NotReached("it was skipped");
  },
  wait: async () => false,
};
