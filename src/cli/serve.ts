import { ConfigError, configFromCommandLine, UnavailableError } from "../config/config.ts";
import { isExposed } from "../config/exposure.ts";
import { optionNames } from "../config/options.ts";
import { schemeOf } from "../config/tls.ts";
import { phoneAddress } from "../sandbox/phone-address.ts";
import { composeSandbox, loadLateParts, serverLimits } from "../sandbox/sandbox.ts";
import { type Command, type Flags, optionFlags } from "./command.ts";
import { environmentBlock } from "./env.ts";
import { drawPhoneCode } from "./phone-code.ts";
import { onEndSignal } from "./process.ts";

export const serve: Command = {
  name: "serve",
  summary: "starts a sandbox",
  parameters: [],
  flags: optionFlags(optionNames),
  run,
};

async function run(flags: Flags): Promise<void> {
  // There are no requests yet, and a database that does not answer must not delay the end.
  onEndSignal(() => process.exit(0));
  const config = configFromCommandLine(flags);
  const sandbox = await composeSandbox(config, { limits: serverLimits });
  onEndSignal(() => void sandbox.close().then(() => process.exit(0)));
  const url = await sandbox.listen({ host: config.host, port: config.port }).catch(async (error: Error) => {
    await sandbox.close();
    throw error instanceof ConfigError ? error : new UnavailableError(`The port cannot be opened: ${error.message}.`);
  });
  const { caFile } = sandbox;
  const caLine = caFile === undefined ? "" : `CA for NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and curl --cacert: ${caFile}\n`;
  process.stdout.write(`Alipay HK sandbox ready at ${url}\n${caLine}`);
  if (!isExposed(config)) {
    const shopLine = config.demo ? `Buy something in the demo shop: ${url}/demo\n` : "";
    process.stdout.write(`\n${environmentBlock(sandbox.credentials)}\nOpen ${url} in a browser.\n${shopLine}`);
  }
  const scheme = schemeOf(config.tls);
  const { base, reachable } = phoneAddress(config.publicUrl, {
    host: config.host,
    port: Number(new URL(url).port || (scheme === "https" ? 443 : 80)),
    scheme,
  });
  if (config.demo && reachable) {
    const shop = `${base}/demo`;
    const code = process.stdout.isTTY ? `\n${await drawPhoneCode(shop)}` : "";
    process.stdout.write(`\nBuy something in the demo shop with a phone: ${shop}\n${code}`);
  }
  await loadLateParts(config).catch(({ message }: Error) => {
    process.stderr.write(`A part of the sandbox could not be loaded, so some pages may fail: ${message}\n`);
  });
}
