import { defineCase } from "../../case.ts";
import { isTaken } from "../../courier.ts";
import { notJudged, warn } from "../../verdict.ts";

const secret = "NOMUPAY_HMAC_KEY";

export const startsWithoutSecret = defineCase({
  id: "starts_without_secret",
  group: "keys",
  title: "The server starts without its secret",
  stake: "A forgotten variable is noticed when the first customer has paid.",
  severity: "minor",
  needs: ["start"],
  phase: "restart",
  does: `Starts the server without ${secret}, and sends it a genuine notification if it accepts connections.`,
  rule: `The server ends, or prints the name ${secret}.`,
  advice:
    "Check all variables at the start, and end with a message that names the missing one. Otherwise a wrong " +
    "deployment looks healthy and loses each payment, and an empty secret may accept what anybody signs.",
  precedent: "Servers have compared signatures with those of an empty secret, which an attacker can calculate too.",
  run: async (stage) => {
    const known = stage.run.parts.mailbox.notifications.findLast(({ type }) => type === "payment");
    if (known === undefined) notJudged("not_seen", "The sandbox has sent no notification yet.");
    let answer = "does not answer";
    let hasTaken = false;
    stage.note(`starts the server without ${secret}`);
    stage.run.prompts.note();
    const { output, isComplaint } = await stage.server.startsWithout(secret, async () => {
      const { status, error } = await stage.deliver(known);
      answer = `answers a genuine notification with ${error ?? status}`;
      hasTaken = isTaken({ status });
    });
    stage.run.loseOrders();
    stage.note(isComplaint ? "the server complains, or ends" : "the server runs, and does not complain", output);
    if (isComplaint) return;
    if (hasTaken) {
      notJudged("does_not_apply", `Without ${secret} the server takes a genuine notification: it has another source.`);
    }
    warn(`Without ${secret} the server starts, does not name it, and ${answer}.`);
  },
});
