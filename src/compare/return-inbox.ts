import type { ReturnPage, SeenReturn } from "./subject.ts";

/** A page for browsers that come back, and its handler. */
export interface ReturnInbox extends ReturnPage {
  handle(request: Request): Promise<Response>;
}

const returnsMax = 1_000;
const formMax = 65_536;
const page = "<!doctype html><title>Back</title><p>You are back. The comparison goes on; you can close this page.</p>";

/** @param origin of the URL that leads to this program. */
export function returnInbox(origin: string): ReturnInbox {
  const received: SeenReturn[] = [];
  return {
    url: `${origin}/back-from-payment`,
    received,
    handle: async (request) => {
      const isPost = request.method === "POST";
      const form = isPost ? await request.text() : "";
      if ((isPost || request.method === "GET") && received.length < returnsMax && form.length <= formMax) {
        const parameters = [...new URL(request.url).searchParams, ...new URLSearchParams(form)];
        received.push({ method: isPost ? "post" : "get", parameters });
      }
      return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
    },
  };
}
