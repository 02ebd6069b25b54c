/** Width of the white border, in modules. */
const border = 2;

/** Draws a text as a QR code for a terminal, black on white whatever the colours of the terminal are. */
export async function drawPhoneCode(text: string): Promise<string> {
  // Loaded on first use, for a faster start.
  const { renderUnicodeCompact } = await import("uqr");
  const lines = renderUnicodeCompact(text, { ecc: "M", border }).split("\n");
  return lines.map((line) => `\u001b[40;97m${line}\u001b[0m\n`).join("");
}
