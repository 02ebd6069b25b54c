import { rehearsalTests } from "alipay-hk-sandbox/rehearsal/vitest";

const { plan, directory } = JSON.parse(process.env.MERCHANT ?? "");
rehearsalTests(plan, { directory, only: ["paid_by_qr", "paid_on_phone"] });
