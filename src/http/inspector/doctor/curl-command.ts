import { excerpt, type PastedRequest, type Reading, read, targetOf, unreadable } from "./reading.ts";
import { isCurl, type ShellWord, shellWords } from "./shell-words.ts";

export { isCurl };

/** Options of curl with a value, which the doctor does not need. */
const otherOptions = new Set([
  ...["-A", "-b", "-c", "-C", "-D", "-e", "-E", "-K", "-m", "-o", "-r", "-u", "-U", "-w", "-x", "-y", "-Y", "-z"],
  ...["--user-agent", "--cookie", "--cookie-jar", "--dump-header", "--referer", "--cert", "--key", "--cacert"],
  ...["--config", "--max-time", "--connect-timeout", "--output", "--user", "--write-out", "--proxy", "--resolve"],
  ...["--retry", "--retry-delay", "--range", "--interface", "--limit-rate"],
]);

/** Options of curl whose body the doctor cannot make. */
const unsupported = new Set(["-F", "--form", "-T", "--upload-file", "--data-urlencode"]);

interface CurlCommand {
  method: string | undefined;
  url: ShellWord | undefined;
  signature: ShellWord | undefined;
  isHead: boolean;
  isQuery: boolean;
  readonly data: string[];
}

/** Reads a curl command for a POSIX shell. */
export function readCurl(text: string): Reading<PastedRequest> {
  const words = shellWords(text.replace(/\r\n?/g, "\n"));
  if (!words.ok) return words;
  const command: CurlCommand = {
    method: undefined,
    url: undefined,
    signature: undefined,
    isHead: false,
    isQuery: false,
    data: [],
  };
  const queue = words.value.slice(1).flatMap(separated);
  while (queue.length > 0) {
    const problem = take(queue, command);
    if (problem !== undefined) return unreadable(problem);
  }
  return requestOf(command);
}

/** Options with a value, by their one letter. */
const lettersWithValue = "AbcCdDeEFHKmorTuUwxXyYz";

/** Splits short options that are written together: `-sXPOST` is `-s -X POST`. */
function separated(word: ShellWord): ShellWord[] {
  if (!/^-[A-Za-z]./s.test(word.text)) return [word];
  const options: ShellWord[] = [];
  for (let index = 1; index < word.text.length; index += 1) {
    const letter = word.text.charAt(index);
    options.push({ text: `-${letter}` });
    const value = word.text.slice(index + 1);
    if (lettersWithValue.includes(letter) && value !== "") return [...options, { ...word, text: value }];
  }
  return options;
}

/** Takes one option with its value, or the URL, from the queue. @returns the problem with it. */
function take(queue: ShellWord[], command: CurlCommand): string | undefined {
  const word = queue.shift() ?? { text: "" };
  const name = word.text;
  const value = () => queue.shift() ?? { text: "" };
  if (unsupported.has(name)) return `${name} is not supported here: write the body as --data-raw.`;
  if (name === "-X" || name === "--request") command.method = value().text;
  else if (name === "--url") command.url = value();
  else if (name === "-H" || name === "--header") takeHeader(value(), command);
  else if (name === "-I" || name === "--head") command.isHead = true;
  else if (name === "-G" || name === "--get") command.isQuery = true;
  else if (/^(-d|--data(-raw|-binary|-ascii)?|--json)$/.test(name)) return takeData(name, value(), command);
  else if (otherOptions.has(name)) value();
  else if (!name.startsWith("-")) command.url ??= word;
  return undefined;
}

function takeHeader(word: ShellWord, command: CurlCommand): void {
  const [, signature] = /^x-signature:\s*(.*)$/is.exec(word.text) ?? [];
  const isComputedWhole = word.computed !== undefined && word.text.trim() === word.computed;
  if (signature !== undefined) command.signature = { ...word, text: signature.trim() };
  else if (isComputedWhole) command.signature = word;
}

function takeData(name: string, word: ShellWord, command: CurlCommand): string | undefined {
  if (word.computed !== undefined) return fromShell("The body", word.computed);
  if (name !== "--data-raw" && word.text.startsWith("@")) {
    const file = excerpt(word.text.slice(1));
    return `${name} reads the file ${file}, which the sandbox does not have: put its content there.`;
  }
  command.data.push(word.text);
  return undefined;
}

function fromShell(what: string, computed: string): string {
  return `${what} comes from the shell (${excerpt(computed)}), which the sandbox does not run: paste the value itself.`;
}

function requestOf({ method, url, signature, isHead, isQuery, data }: CurlCommand): Reading<PastedRequest> {
  if (url === undefined) return unreadable("The curl command has no URL.");
  // The host may be a variable: only path and query are signed.
  const target = targetOf(url.text.replace(/^(\$\{?\w+\}?|[\w.-]+(:\d+)?(?=[/?]|$))/, "http://host"));
  if (url.computed !== undefined && target.includes("$")) return unreadable(fromShell("The URL", url.computed));
  if (signature?.computed !== undefined) return unreadable(fromShell("X-Signature", signature.computed));
  const text = data.join("&");
  const query = isQuery && text !== "" ? `${target.includes("?") ? "&" : "?"}${text}` : "";
  const usual = isHead ? "HEAD" : data.length > 0 && !isQuery ? "POST" : "GET";
  return read({
    method: method ?? usual,
    target: target + query,
    signature: signature?.text,
    body: isQuery ? "" : text,
    notes: signature === undefined ? ["No header X-Signature found in the curl command."] : [],
  });
}
