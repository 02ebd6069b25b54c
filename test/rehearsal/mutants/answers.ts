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
    fails: ["answer_slow"],
    // The retry after 150 ms must end before the slow answer, on a busy machine too.
    plan: { slowAnswerMs: 2_000 },
    find: "const answer = await send(method, target, body)",
    replace:
      "const again = new Promise((resolve) => setTimeout(resolve, 150)).then(() => send(method, `${target}-2`, " +
      "body)); const answer = await Promise.race([send(method, target, body), again])",
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
