/** The image of a merchant. */
export interface Logo {
  /** `/logos/{checksum}.png` or `.jpg`. */
  readonly address: string;
  /** Base64. */
  readonly content: string;
}

/** A world, or the configuration, that uses a logo. */
export interface LogoUse {
  readonly id: string;
  readonly owner: string;
  readonly address: string;
}

/** Maximum size of a logo, in bytes. */
export const logoMaxBytes = 64 * 1024;

/** The types of images, with the bytes at their start. */
const types = [
  { type: "image/png", ending: "png", start: "\x89PNG\r\n\x1a\n" },
  { type: "image/jpeg", ending: "jpg", start: "\xff\xd8\xff" },
] as const;
const endings = types.map(({ ending }) => ending).join("|");

/** The allowed values of the setting; completes "expected". */
export const allowedLogos =
  `a PNG or JPEG image of at most 64 KB (${logoMaxBytes} bytes) as a data URL, ` +
  "data:image/png;base64,... or data:image/jpeg;base64,...";

const dataUrl = /^data:([^;,]*)[^,]*?(;base64)?,(.*)$/s;
const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;
const address = new RegExp(`^/logos/[0-9a-f]{64}\\.(?:${endings})$`);

/** Whether a text is the address of a stored logo, as responses have it. */
export function isLogoAddress(text: string): boolean {
  return address.test(text);
}

/** The parts of a data URL with an allowed image; `undefined` for any other text. */
export function logoParts(text: string): { readonly ending: string; readonly content: string } | undefined {
  const [, type, isBase64, content = ""] = dataUrl.exec(text) ?? [];
  const found = typeOf(content);
  if (isBase64 === undefined || found === undefined || found.type !== type) return undefined;
  return sizeOf(content) <= logoMaxBytes ? { ending: found.ending, content } : undefined;
}

/** The data URL of a stored logo. */
export function logoDataUrl(logo: Logo): string {
  return `data:${logoType(logo)};base64,${logo.content}`;
}

/** The type and the bytes of a stored logo. */
export function logoBytes(logo: Logo): { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> } {
  return { type: logoType(logo), bytes: Uint8Array.from(Buffer.from(logo.content, "base64")) };
}

function logoType({ address }: Logo): string {
  return (types.find(({ ending }) => address.endsWith(ending)) ?? types[0]).type;
}

/** A data URL for the bytes of a file, with the type that they have. */
export function dataUrlOf(bytes: Uint8Array): string {
  const content = Buffer.from(bytes).toString("base64");
  return `data:${typeOf(content)?.type ?? "application/octet-stream"};base64,${content}`;
}

const quotedMax = 60;

/** What a value that is not allowed is, without its bytes. */
export function describeLogo(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const [, type, isBase64, content = ""] = dataUrl.exec(value) ?? [];
  if (type === undefined) {
    return JSON.stringify(value.length > quotedMax ? `${value.slice(0, quotedMax)}…` : value);
  }
  if (types.every((known) => known.type !== type)) return `a data URL of the type ${type.slice(0, quotedMax)}`;
  if (isBase64 === undefined || !base64.test(content)) return `a data URL of the type ${type} without valid base64`;
  const found = typeOf(content);
  if (found === undefined) return `a data URL of the type ${type} whose bytes are no PNG or JPEG image`;
  if (found.type !== type) return `a data URL of the type ${type} whose bytes are of the type ${found.type}`;
  return `an image of ${sizeOf(content)} bytes`;
}

/** The type that the first bytes show. */
function typeOf(content: string): (typeof types)[number] | undefined {
  if (!base64.test(content)) return undefined;
  const start = Buffer.from(content.slice(0, 16), "base64").toString("latin1");
  return types.find((known) => start.startsWith(known.start));
}

function sizeOf(content: string): number {
  return Buffer.byteLength(content, "base64");
}
