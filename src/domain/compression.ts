/** A format of compressed data, and the bytes that it begins with. */
interface Compression {
  readonly name: string;
  readonly begins: readonly (readonly number[])[];
}

const compressions: readonly Compression[] = [
  { name: "gzip", begins: [[0x1f, 0x8b]] },
  {
    name: "zlib",
    begins: [
      [0x78, 0x01],
      [0x78, 0x5e],
      [0x78, 0x9c],
      [0x78, 0xda],
    ],
  },
  { name: "zstd", begins: [[0x28, 0xb5, 0x2f, 0xfd]] },
  { name: "zip", begins: [[0x50, 0x4b, 0x03, 0x04]] },
];

/** Name of the format that bytes are compressed with, such as `gzip`. No JSON text begins like one of them. */
export function compressionOf(bytes: Uint8Array): string | undefined {
  return compressions.find(({ begins }) => begins.some((begin) => begin.every((byte, at) => bytes[at] === byte)))?.name;
}

/** A sentence about a request's body if it is compressed. */
export function compressedRequestNote(body: Uint8Array): string | undefined {
  const name = compressionOf(body);
  if (name === undefined) return undefined;
  return `The body is ${name} data, which the API does not decompress: sign and send the JSON text itself.`;
}
