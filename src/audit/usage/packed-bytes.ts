/** Numbers and texts as bytes. Numbers are whole, from 0 to 2^53, as varints (LEB128); a text has its length in front. */

export interface Writer {
  number(value: number): void;
  text(value: string): void;
  raw(bytes: Uint8Array): void;
  clear(): void;
  /** What was written; good until the next write. */
  bytes(): Uint8Array;
}

export function createWriter(): Writer {
  let buffer = new Uint8Array(1024);
  let length = 0;
  const reserve = (more: number) => {
    if (length + more <= buffer.length) return;
    const grown = new Uint8Array(Math.max(buffer.length * 2, length + more));
    grown.set(buffer);
    buffer = grown;
  };
  const raw = (bytes: Uint8Array) => {
    reserve(bytes.length);
    buffer.set(bytes, length);
    length += bytes.length;
  };
  const number = (value: number) => {
    reserve(8);
    let rest = value;
    // Not by shifting: numbers may have more than 32 bits.
    while (rest >= 128) {
      buffer[length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    buffer[length++] = rest;
  };
  return {
    number,
    raw,
    text(value) {
      const bytes = Buffer.from(value, "utf8");
      number(bytes.length);
      raw(bytes);
    },
    clear: () => void (length = 0),
    bytes: () => buffer.subarray(0, length),
  };
}

export interface Reader {
  number(): number;
  /** The bytes from one place up to another; a view. */
  slice(from: number, to: number): Uint8Array;
  /** Steps over a text and returns its place. */
  skipText(): number;
  textAt(place: number): string;
  isTextAt(place: number, bytes: Uint8Array): boolean;
  at(): number;
  goTo(place: number): void;
  isAtEnd(): boolean;
}

export function createReader(bytes: Uint8Array): Reader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = 0;
  const number = () => {
    let byte = buffer[place++] ?? 0;
    if (byte < 128) return byte;
    let value = byte - 128;
    let weight = 128;
    do {
      byte = buffer[place++] ?? 0;
      value += (byte % 128) * weight;
      weight *= 128;
    } while (byte >= 128);
    return value;
  };
  return {
    number,
    slice: (from, to) => buffer.subarray(from, to),
    skipText() {
      const start = place;
      const length = number();
      place += length;
      return start;
    },
    textAt(start) {
      const after = place;
      place = start;
      const length = number();
      const text = buffer.toString("utf8", place, place + length);
      place = after;
      return text;
    },
    isTextAt(start, sought) {
      const after = place;
      place = start;
      const length = number();
      const isIt = length === sought.length && buffer.compare(sought, 0, length, place, place + length) === 0;
      place = after;
      return isIt;
    },
    at: () => place,
    goTo: (to) => void (place = to),
    isAtEnd: () => place >= buffer.length,
  };
}
