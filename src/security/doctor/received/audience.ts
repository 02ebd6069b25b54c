import { quoted } from "../check.ts";

/** The other usual name of this machine, for each of its names. */
const otherNames: Readonly<Record<string, string>> = {
  localhost: "127.0.0.1",
  "127.0.0.1": "localhost",
  "[::1]": "localhost",
  "0.0.0.0": "localhost",
  "host.docker.internal": "localhost",
};

/** Explains why `aud` is not the URL that a program compares with; `undefined` if it is. */
export function audienceFault(aud: unknown, url: string | undefined): string | undefined {
  if (aud === url) return undefined;
  if (url === undefined) {
    return `The header has the aud ${quoted(aud)}: it is of a webhook, and responses have no aud. Name the URL too.`;
  }
  if (aud === undefined) {
    return "The header has no aud: it is of a response, and only webhooks have one. Verify it without a URL.";
  }
  if (typeof aud !== "string") return `aud is ${quoted(aud)}, which is not a text: the provider writes a URL.`;
  const problem = `aud is ${quoted(aud)}, but you compare it with ${quoted(url)}`;
  const remedy = `compare aud with the endpoint exactly as it is registered, or register ${quoted(url)}`;
  return `${problem}: ${differences(aud, url).join(", and ")}; ${remedy}.`;
}

/** The usual differences of two URLs of the same endpoint. */
function differences(aud: string, url: string): string[] {
  if (/^[A-Z]+ |^\//.test(url)) return ["a webhook's aud is the whole URL, not method and path as in your requests"];
  if (!URL.canParse(aud) || !URL.canParse(url)) return ["one of them is not a URL"];
  const [sent, given] = [new URL(aud), new URL(url)];
  const found = [
    schemeDifference(sent, given),
    hostDifference(sent, given),
    sent.port === given.port || sent.protocol !== given.protocol ? undefined : portDifference(sent, given),
    pathDifference(sent, given),
    queryDifference(sent, given),
    sent.hash === given.hash ? undefined : "the part after # differs",
  ].filter((difference) => difference !== undefined);
  return found.length > 0 ? found : [spellingDifference(aud, url)];
}

function schemeDifference(sent: URL, given: URL): string | undefined {
  if (sent.protocol === given.protocol) return undefined;
  const proxy = sent.protocol === "https:" ? ", because a proxy ends TLS in front of your program" : "";
  return `the scheme is ${sent.protocol.slice(0, -1)}, not ${given.protocol.slice(0, -1)}${proxy}`;
}

function hostDifference({ hostname: sent }: URL, { hostname: given }: URL): string | undefined {
  if (sent === given) return undefined;
  const names = `${sent} and ${given}`;
  if (sent in otherNames && given in otherNames) {
    return `${names} reach the same machine, but aud is compared as text`;
  }
  return `the host is ${sent}, not ${given}: behind a proxy, a tunnel or in a container your program has another name`;
}

function portDifference({ port: sent }: URL, { port: given }: URL): string {
  return `the port is ${sent === "" ? "the default" : sent}, not ${given === "" ? "the default" : given}`;
}

function pathDifference({ pathname: sent }: URL, { pathname: given }: URL): string | undefined {
  if (sent === given) return undefined;
  if (`${sent}/` === given) return "aud has no slash at the end of the path";
  if (sent === `${given}/`) return "aud has a slash at the end of the path";
  if (sent.endsWith(given))
    return `the path begins with ${quoted(sent.slice(0, -given.length))}, which a proxy removes`;
  if (sent.toLowerCase() === given.toLowerCase()) return "upper and lower case differ in the path";
  return "the path differs";
}

function queryDifference({ search: sent }: URL, { search: given }: URL): string | undefined {
  if (sent === given) return undefined;
  if (given === "") return "aud has the query string too";
  return sent === "" ? "aud has no query string" : "the query string differs";
}

/** What differs in two texts of the same URL. */
function spellingDifference(aud: string, url: string): string {
  if (aud.trim() === url.trim()) return "one of them has white space around it";
  if (`${aud}/` === url) return "libraries write a slash behind a host without path, and aud has none";
  if (aud === `${url}/`) return "aud has a slash behind the host";
  if (aud.toLowerCase() === url.toLowerCase()) return "upper and lower case differ";
  return "both are the same URL, but written in another way (default port, percent-encoding or case)";
}

/** The endpoint as a library writes it, or with the other name of this machine; `undefined` if there is neither. */
export function otherSpelling(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { href, hostname } = new URL(url);
  if (href !== url) return href;
  const other = otherNames[hostname];
  return other === undefined ? undefined : url.replace(`//${hostname}`, `//${other}`);
}
