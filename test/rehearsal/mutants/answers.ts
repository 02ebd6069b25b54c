import type { Mutant } from "./mutant.ts";

export const answersMutants: readonly Mutant[] = [
  {
    fails: ["answer_lost", "answer_500_after", "answer_html", "answer_wrong_signature", "answer_redirect_changed"],
    find: "const answer = await send(method, target, body)",
    replace: "const answer = await send(method, attempt === 1 ? target : `${target}-${attempt}`, body)",
  },
  {
    fails: ["answer_500_before"],
    find: "const payment = await create(order, attempt);",
    replace:
      'if (attempt.isStarted) throw new Error("The payment was started already."); attempt.isStarted = true; ' +
      "const payment = await create(order, attempt);",
  },
  {
    fails: ["answer_429"],
    find: "const retryAfterMs = Number(answer.retryAfter ?? 0) * 1000;",
    replace: "const retryAfterMs = 0;",
  },
  {
    fails: ["answer_429"],
    // It shows an error, and tries again too early in the background.
    find: "const isFinal = answer.status > 0",
    replace:
      "if (answer.status === 429) { setTimeout(() => call(method, target, content), 200); throw new Error('429'); } " +
      "const isFinal = answer.status > 0",
  },
  {
    fails: ["answer_slow"],
    // It gives up after 500 ms, and tries again with another key.
    plan: { slowAnswerMs: 2_000 },
    find: "const answer = await send(method, target, body)",
    replace:
      "const late = new Promise((_, reject) => setTimeout(reject, 500)); const answer = await " +
      "Promise.race([late, send(method, attempt === 1 ? target : `${target}-${attempt}`, body)])",
  },
  {
    fails: ["answer_lost_for_good"],
    find: "const attempt = order && (await attemptOf(order, payload.id));",
    replace: "const attempt = order?.attempts.find(({ paymentId }) => paymentId === payload.id);",
  },
  {
    fails: ["answer_redirect_changed", "answer_wrong_signature", "read_captured_unsigned"],
    find: 'if (!isGenuine(response.headers.get("x-signature"), text)) throw new Error("The answer is not signed.");',
    replace: "",
  },
  {
    fails: ["read_lost", "read_wrong_signature"],
    find: "await receive(JSON.parse(text));",
    replace: "await receive(JSON.parse(text)).catch((error) => console.error(error));",
  },
];
