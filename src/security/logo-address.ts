import { createHash } from "node:crypto";
import { type Logo, logoParts } from "../domain/logo.ts";

/** The logo of a data URL. Its address has a checksum, so that browsers may keep the image for ever. */
export function logoOf(dataUrl: string): Logo {
  const parts = logoParts(dataUrl);
  if (parts === undefined) throw new Error("the text is no data URL of a logo");
  const { content, ending } = parts;
  const checksum = createHash("sha256").update(content, "base64").digest("hex");
  return { address: `/logos/${checksum}.${ending}`, content };
}
