/** A piece of a text, and whether the other text differs there. */
export interface Piece {
  readonly text: string;
  readonly differs: boolean;
}

/** A text, and whether more follows that is not shown. */
export interface Side {
  readonly text: string;
  readonly isCut: boolean;
}

/** Maximum number of marked pieces of a text. With more, all from the first to the last is one piece. */
const marksMax = 120;

/** Compares two texts by words, punctuation marks and single white-space characters. */
export function differenceOf(one: Side, other: Side): readonly [Piece[], Piece[]] {
  const [a, b] = [tokensOf(one.text), tokensOf(other.text)];
  const [isCommonInA, isCommonInB] = commonTokens(a, b);
  return [piecesOf(a, isCommonInA, one.isCut), piecesOf(b, isCommonInB, other.isCut)];
}

function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{M}\p{N}_]+|./gsu) ?? [];
}

/** Whether each token is in the longest common subsequence. */
function commonTokens(a: readonly string[], b: readonly string[]): readonly [boolean[], boolean[]] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const isOutside = (index: number, length: number) => index < start || index >= length - end;
  const inA = a.map((_, index) => isOutside(index, a.length));
  const inB = b.map((_, index) => isOutside(index, b.length));
  const [rows, columns] = [a.length - start - end, b.length - start - end];
  const width = columns + 1;
  /** Length of the longest common subsequence of what follows each pair of tokens. */
  const lengths = new Uint16Array((rows + 1) * width);
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      const at = row * width + column;
      lengths[at] =
        a[start + row] === b[start + column]
          ? 1 + (lengths[at + width + 1] ?? 0)
          : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    const at = row * width + column;
    if (a[start + row] === b[start + column]) {
      inA[start + row] = true;
      inB[start + column] = true;
      row += 1;
      column += 1;
    } else if ((lengths[at + width] ?? 0) >= (lengths[at + 1] ?? 0)) row += 1;
    else column += 1;
  }
  return [inA, inB];
}

/** @param isCut the last tokens may have their counterparts in the part that is not shown, so they are not marked. */
function piecesOf(tokens: readonly string[], isCommon: readonly boolean[], isCut: boolean): Piece[] {
  const first = isCommon.indexOf(false);
  const lastCommon = isCommon.lastIndexOf(true);
  const marked = isCommon.map((common, index) => !common && !(isCut && lastCommon > first && index > lastCommon));
  const pieces = merged(tokens.map((text, index) => ({ text, differs: marked[index] === true })));
  if (pieces.filter(({ differs }) => differs).length <= marksMax) return pieces;
  const last = marked.lastIndexOf(true);
  return merged(tokens.map((text, index) => ({ text, differs: index >= first && index <= last })));
}

function merged(pieces: readonly Piece[]): Piece[] {
  const all: { text: string; differs: boolean }[] = [];
  for (const { text, differs } of pieces) {
    const last = all.at(-1);
    if (last?.differs === differs) last.text += text;
    else all.push({ text, differs });
  }
  return all;
}
