/** @file Lines and fields of delimited text, with quotation marks as RFC 4180 has them. */

export const quote = 0x22;
const newline = 0x0a;

/** What may stand before a quotation mark that opens a field, while the separator is not known: tab , ; or space. */
const anySeparator: ReadonlySet<number> = new Set([0x09, 0x2c, 0x3b, 0x20]);

const decoder = new TextDecoder();

/**
 * Where a line ends: at the next line break outside quotation marks, or the end of the block.
 *
 * @returns `breaks`: how many line breaks the line itself holds
 */
export function lineEnd(
  bytes: Uint8Array,
  from: number,
  separator?: number,
): { end: number; breaks: number } {
  let end = find(bytes, newline, from, bytes.length);
  let breaks = 0;
  for (let mark = find(bytes, quote, from, end); mark < end; mark = find(bytes, quote, mark + 1, end)) {
    if (mark > from && !separates(bytes[mark - 1], separator)) continue;
    mark = closingQuote(bytes, mark, bytes.length);
    while (end < mark) {
      breaks++;
      end = find(bytes, newline, end + 1, bytes.length);
    }
  }
  return { end, breaks };
}

/** Where a field ends: at the next separator outside quotation marks. */
export function fieldEnd(bytes: Uint8Array, from: number, end: number, separator: number): number {
  let at = bytes[from] === quote && from < end ? closingQuote(bytes, from, end) : from;
  while (at < end && bytes[at] !== separator) at++;
  return at;
}

/** The text of a field, without its quotation marks. */
export function fieldText(bytes: Uint8Array, from: number, to: number): string {
  const text = decoder.decode(bytes.subarray(from, to));
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replaceAll('""', '"');
}

/** The mark that closes an opening one; a doubled mark is one within the field. */
function closingQuote(bytes: Uint8Array, opening: number, end: number): number {
  let at = find(bytes, quote, opening + 1, end);
  while (at + 1 < end && bytes[at + 1] === quote) at = find(bytes, quote, at + 2, end);
  return at;
}

function separates(byte: number, separator: number | undefined): boolean {
  return separator === undefined ? anySeparator.has(byte) : byte === separator;
}

/** The first place of a byte in `from` .. `end - 1`, or `end`. */
function find(bytes: Uint8Array, byte: number, from: number, end: number): number {
  if (from >= end) return end;
  const index = (end === bytes.length ? bytes : bytes.subarray(0, end)).indexOf(byte, from);
  return index < 0 ? end : index;
}
