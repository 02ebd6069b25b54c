/** A record with its sequence. A record that is replaced keeps its row. */
export interface Row {
  record: object;
  readonly sequence: number;
}

/** Counts the steps of the indexes: each comparison, each lookup and each row that is read. */
export class Steps {
  count = 0;
}

/** Rows of a chunk, at most. */
const chunkMax = 512;

/**
 * Rows in ascending order of their sequence. They are in chunks, so that an insertion or a removal moves few of them.
 * No chunk is empty.
 */
export class Rows {
  readonly #chunks: Row[][];
  readonly #steps: Steps;
  #size = 2;

  constructor(rows: readonly [Row, Row], steps: Steps) {
    this.#chunks = [rows[0].sequence < rows[1].sequence ? [rows[0], rows[1]] : [rows[1], rows[0]]];
    this.#steps = steps;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns the row, if there is exactly one. */
  get only(): Row | undefined {
    return this.#size === 1 ? this.#chunks[0]?.[0] : undefined;
  }

  insert(row: Row): void {
    this.#steps.count += 1;
    this.#size += 1;
    const last = this.#chunks.at(-1) as Row[];
    if ((last.at(-1) as Row).sequence < row.sequence) {
      if (last.length < chunkMax) last.push(row);
      else this.#chunks.push([row]);
      return;
    }
    const index = this.#chunkFrom(row.sequence);
    const chunk = this.#chunks[index] as Row[];
    chunk.splice(this.#placeFrom(chunk, row.sequence), 0, row);
    if (chunk.length > chunkMax) this.#chunks.splice(index + 1, 0, chunk.splice(chunkMax / 2));
  }

  remove(row: Row): void {
    const index = this.#chunkFrom(row.sequence);
    const chunk = this.#chunks[index];
    const place = chunk === undefined ? -1 : this.#placeFrom(chunk, row.sequence);
    if (chunk?.[place] !== row) throw new Error(`the row ${row.sequence} is not in its index`);
    chunk.splice(place, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(index, 1);
    else if (chunk.length < chunkMax / 4) {
      this.#merge(index);
      this.#merge(index - 1);
    }
  }

  /** Returns at most `limit` rows after a sequence, in ascending order. */
  ascending(after: number, limit: number): Row[] {
    const found: Row[] = [];
    let index = this.#chunkFrom(after + 1);
    let place = index < this.#chunks.length ? this.#placeFrom(this.#chunks[index] as Row[], after + 1) : 0;
    for (let chunk = this.#chunks[index]; chunk !== undefined && found.length < limit; chunk = this.#chunks[index]) {
      found.push(...chunk.slice(place, place + limit - found.length));
      index += 1;
      place = 0;
    }
    this.#steps.count += found.length;
    return found;
  }

  /** Returns at most `limit` rows before a sequence, in descending order. */
  descending(before: number, limit: number): Row[] {
    const found: Row[] = [];
    let index = this.#chunkFrom(before);
    let place = index < this.#chunks.length ? this.#placeFrom(this.#chunks[index] as Row[], before) : 0;
    while (found.length < limit) {
      if (place === 0) {
        index -= 1;
        if (index < 0) break;
        place = (this.#chunks[index] as Row[]).length;
      }
      place -= 1;
      found.push((this.#chunks[index] as Row[])[place] as Row);
    }
    this.#steps.count += found.length;
    return found;
  }

  /** Returns the index of the first chunk with a row at or after a sequence; without one, the number of chunks. */
  #chunkFrom(sequence: number): number {
    const chunks = this.#chunks;
    return this.#firstFrom(chunks.length, (index) => ((chunks[index] as Row[]).at(-1) as Row).sequence, sequence);
  }

  /** Returns the place of the first row of a chunk at or after a sequence. */
  #placeFrom(chunk: readonly Row[], sequence: number): number {
    return this.#firstFrom(chunk.length, (index) => (chunk[index] as Row).sequence, sequence);
  }

  #firstFrom(length: number, sequenceAt: (index: number) => number, sequence: number): number {
    let low = 0;
    let high = length;
    while (low < high) {
      this.#steps.count += 1;
      const middle = (low + high) >>> 1;
      if (sequenceAt(middle) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Merges a chunk with the next one, if both are small. */
  #merge(index: number): void {
    const [chunk, next] = [this.#chunks[index], this.#chunks[index + 1]];
    if (chunk === undefined || next === undefined || chunk.length + next.length > chunkMax / 2) return;
    this.#chunks.splice(index, 2, [...chunk, ...next]);
  }
}
