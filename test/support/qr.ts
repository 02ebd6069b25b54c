import qrReader from "jsqr";

const scale = 4;

/** Reads a QR code. @param rows its modules, line by line; `true` is dark. */
function readQr(rows: readonly (readonly boolean[])[]): string | undefined {
  const size = rows.length * scale;
  const pixels = new Uint8ClampedArray(size * size * 4);
  for (let at = 0; at < size * size; at += 1) {
    const isDark = rows[Math.floor(at / size / scale)]?.[Math.floor((at % size) / scale)] === true;
    pixels.set(isDark ? [0, 0, 0, 255] : [255, 255, 255, 255], at * 4);
  }
  return qrReader.default(pixels, size, size)?.data;
}

/** Reads the QR code in an SVG image of the sandbox: a path with a rectangle for each run of dark modules. */
export function readSvg(svg: string): string | undefined {
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    rows[Number(y)]?.fill(true, Number(x), Number(x) + Number(length));
  }
  return readQr(rows);
}

/** Reads the QR code in the output of a terminal: two modules in each character, white on black. */
export function readTerminal(output: string): string | undefined {
  const [start, end] = ["\u001b[40;97m", "\u001b[0m"];
  const lines = output.split("\n").flatMap((line) => {
    return line.startsWith(start) && line.endsWith(end) ? [[...line.slice(start.length, -end.length)]] : [];
  });
  const light = (line: readonly string[], half: string) => line.map((character) => !["█", half].includes(character));
  const rows = lines.flatMap((line) => [light(line, "▀"), light(line, "▄")]);
  return readQr(rows.slice(0, lines[0]?.length));
}
