import { inflateSync, unzipSync } from "node:zlib";
import { compressionOf } from "../../domain/compression.ts";

/** Maximum size of decompressed bytes. */
const maxOutputLength = 1024 * 1024;

/** The bytes before their compression with gzip or zlib; `undefined` for other bytes, and for more than 1 MiB. */
export function decompressed(bytes: Uint8Array): Uint8Array | undefined {
  const decompress = { gzip: unzipSync, zlib: inflateSync }[compressionOf(bytes) ?? ""];
  try {
    return decompress?.(bytes, { maxOutputLength });
  } catch {
    return undefined;
  }
}
