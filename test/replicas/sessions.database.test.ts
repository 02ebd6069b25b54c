import { expect, test } from "vitest";
import { twoReplicas } from "../support/replicas.ts";

test("a session of the inspector ends with the admin token that began it", async () => {
  const [first, second] = ["the-first-token-of-two", "the-second-token-of-two"] as const;
  await using replicas = await twoReplicas({ adminToken: first });
  const other = await replicas.another({ adminToken: second });
  const [before, replica, after] = [await replicas.a.listen(), await replicas.b.listen(), await other.listen()];
  const signIn = async (url: string, token: string) => {
    const form = new URLSearchParams({ token, back: "/" });
    const init = { method: "POST", body: form, redirect: "manual" } as const;
    const { headers } = await fetch(`${url}/inspector/sign-in`, init);
    return /=([^;]+)/.exec(headers.get("set-cookie") ?? "")?.[1] ?? "";
  };
  const statusWith = async (url: string, session: string, path = "/") => {
    const headers = { Cookie: `sandbox_session_${new URL(url).port}=${session}` };
    return (await fetch(url + path, { headers })).status;
  };
  const session = await signIn(before, first);
  expect([await statusWith(before, session), await statusWith(replica, session)]).toEqual([200, 200]);
  for (const path of ["/", "/_sandbox/events"]) expect(await statusWith(after, session, path)).toBe(401);
  expect(await statusWith(after, await signIn(after, second))).toBe(200);
});
