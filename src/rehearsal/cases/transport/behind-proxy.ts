import { defineCase } from "../../case.ts";
import { isTaken } from "../../courier.ts";
import { warn } from "../../verdict.ts";
import { expectPaid, genuine } from "./genuine-messages.ts";

export const behindProxy = defineCase({
  ...genuine,
  id: "webhook_behind_proxies",
  title: "A public URL before two proxies",
  stake: "A second proxy, such as a CDN, comes before the server, and each notification is refused.",
  needs: ["order", "publicUrl"],
  does:
    "Pays, and sends the genuine notification as two proxies pass it on: signed for `publicUrl`, with lists in the " +
    "X-Forwarded headers. If it is refused, it comes once more as one proxy passes it on, as in all other cases.",
  rule:
    "The endpoint takes the notification from one proxy, and the order becomes paid. If it refuses the one from two " +
    "proxies, that is a warning.",
  advice:
    "Compare `aud` with the public URL from your configuration, not with a URL that is made of Host and X-Forwarded " +
    "headers. Otherwise the next proxy leaves every paid order open, and a forger can choose the URL.",
  precedent:
    "Behind a proxy the library of a telephone service built the URL with http, and refused every webhook with 403. " +
    "It is a standard question about signed URLs.",
  run: async (stage) => {
    const purchase = await stage.checkout();
    await stage.pay(purchase);
    const notification = await stage.notification({ purchase, type: "payment" });
    const { host } = new URL(stage.run.signedUrl);
    const inner = new URL(stage.plan.webhookUrl).host;
    const headers = {
      "X-Forwarded-For": "192.0.2.10, 198.51.100.7",
      "X-Forwarded-Host": `${host}, ${inner}`,
      "X-Forwarded-Proto": "https, http",
    };
    const { status } = await stage.deliver(notification, { headers });
    const isRefused = !isTaken({ status });
    if (isRefused) await stage.deliverUntilTaken(notification);
    await expectPaid(stage, purchase, "A notification through a proxy is acknowledged, but has no effect");
    if (isRefused) warn(`The endpoint refuses a genuine notification that came through two proxies, with ${status}.`);
  },
});
