import { deflateSync } from "node:zlib";

const base64 = (...bytes: (readonly number[] | Uint8Array)[]) =>
  Buffer.concat(bytes.map(Buffer.from)).toString("base64");

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(checksum(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** CRC-32, as a PNG file has it. */
function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

const pngStart = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const jpegStart = [0xff, 0xd8, 0xff, 0xe0];

/** The bytes of a PNG image of one colour, with 16 by 16 pixels. */
export function pngBytes(colour: readonly [red: number, green: number, blue: number] = [200, 80, 40]): Buffer {
  const header = Buffer.from([0, 0, 0, 16, 0, 0, 0, 16, 8, 2, 0, 0, 0]);
  const row = [0, ...Array.from({ length: 16 }, () => colour).flat()];
  const pixels = deflateSync(Buffer.from(Array.from({ length: 16 }, () => row).flat()));
  const end = chunk("IEND", Buffer.alloc(0));
  return Buffer.concat([Buffer.from(pngStart), chunk("IHDR", header), chunk("IDAT", pixels), end]);
}

/** A PNG image as a data URL. */
export function png(colour?: Parameters<typeof pngBytes>[0]): string {
  return `data:image/png;base64,${pngBytes(colour).toString("base64")}`;
}

/** The start of a JPEG image as a data URL. */
export function jpeg(): string {
  return `data:image/jpeg;base64,${base64(jpegStart)}`;
}

/** A data URL with the first bytes of a PNG image, and zeros up to that size. */
export function pngOfSize(size: number): string {
  return `data:image/png;base64,${base64(pngStart, Buffer.alloc(size - pngStart.length))}`;
}
