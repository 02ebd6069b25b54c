const { SandboxError } = require("alipay-hk-sandbox");
const { rehearsalCases, rehearse, SetupError } = require("alipay-hk-sandbox/rehearsal");

async function main() {
  const { plan, directory } = JSON.parse(process.env.MERCHANT);
  const { outcome } = await rehearse(plan, { directory, only: ["paid_by_qr"] });
  const error = await rehearse({ webhookUrl: "x" }).catch((reason) => reason);
  const isSetupError = error instanceof SetupError && !(error instanceof SandboxError);
  const [first] = rehearsalCases;
  console.log(JSON.stringify({ outcome, isSetupError, first: first.id, run: first.run }));
}

void main();
