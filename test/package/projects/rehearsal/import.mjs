import { rehearsalCases, rehearse, SetupError } from "alipay-hk-sandbox/rehearsal";

const { plan, directory } = JSON.parse(process.env.MERCHANT);
const { outcome } = await rehearse(plan, { directory, only: ["paid_by_qr"] });
const error = await rehearse({ webhookUrl: "x" }).catch((reason) => reason);
const [first] = rehearsalCases;
console.log(JSON.stringify({ outcome, isSetupError: error instanceof SetupError, first: first.id, run: first.run }));
