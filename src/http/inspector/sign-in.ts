import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Addresses, Env } from "../env.ts";
import { requestOrigin } from "../env.ts";
import { type Gate, sessionCookie, sessionOf } from "../middleware/same-origin.ts";
import { plainPage, respondInspector } from "./layout.ts";
import { addressOf, pageAddressOf } from "./page-address.ts";

/** The page that asks for the admin token. No URL and no page contains the token. */
export function askToSignIn(c: Context<Env>, back: string, isWrong = false): Promise<Response> {
  const invalid = isWrong ? html`aria-invalid="true" aria-describedby="wrong"` : "";
  const problem = isWrong
    ? html`<p class="why wrong" role="alert" id="wrong" data-testid="problem">This is not the admin token.</p>`
    : "";
  const page = plainPage(
    "Sign in",
    html`<h1>Sign in</h1>
      <p>Other machines can reach this sandbox, so its inspector requires the admin token of the sandbox.</p>
      ${problem}
      <form method="post" action="/inspector/sign-in" class="stack">
        <input type="hidden" name="back" value="${back}">
        <label for="token">Admin token</label>
        <input id="token" name="token" type="password" required autocomplete="current-password" ${invalid}
          data-testid="token">
        <button class="primary" data-testid="sign-in">Sign in</button>
      </form>`,
  );
  return respondInspector(c, page, 401);
}

/** Starts a session if the admin token is right. The cookie does not contain the token. */
export async function signIn(
  c: Context<Env>,
  gate: Gate,
  addresses: Addresses,
  form: URLSearchParams,
): Promise<Response> {
  const back = addressOf(pageAddressOf(form.get("back") ?? "") ?? { place: "home" });
  if (gate.isAdminToken !== undefined) {
    if (!gate.isAdminToken(form.get("token") ?? "")) return askToSignIn(c, back, true);
    setCookie(c, sessionCookie(c), await gate.sessions.begin(), {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      secure: isSecure(c, addresses),
    });
  }
  return c.redirect(back, 303);
}

export async function signOut(c: Context<Env>, gate: Gate): Promise<Response> {
  const session = sessionOf(c);
  if (session !== undefined) await gate.sessions.end(session);
  deleteCookie(c, sessionCookie(c), { path: "/" });
  return c.redirect("/", 303);
}

/** Whether the browser speaks https: with the sandbox, or by the public address that it came by. */
function isSecure(c: Context<Env>, addresses: Addresses): boolean {
  const origin = requestOrigin(c);
  if (origin.startsWith("https:")) return true;
  const { protocol, host } = new URL(addresses.base(origin));
  return protocol === "https:" && host === c.req.header("Host")?.toLowerCase();
}
