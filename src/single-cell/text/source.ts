/** @file Text as a stream of bytes, and the loop that feeds it to a parser without holding it. */

import { InputError } from '../../support/errors.ts';

/** A text file, unpacked if it is compressed. */
export interface TextSource {
  /** Names it in messages. */
  readonly path: string;
  bytes(): AsyncIterable<Uint8Array>;
}

/** Takes text piece by piece. */
export interface BlockParser {
  /**
   * Parses the whole lines of a block.
   *
   * @param last true when the text ends with the block
   * @returns the bytes used; the rest comes again, with what follows it
   */
  parse(block: Uint8Array, last: boolean): number;
}

/** No line of a table is longer: beyond this, a quotation mark was never closed. */
const longestLine = 1 << 29;

/** @throws InputError when the text is no UTF-8 text at all, or a line never ends */
export async function feed(source: TextSource, parser: BlockParser): Promise<void> {
  let rest: Uint8Array = new Uint8Array(0);
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let first = true;
  const flush = (last: boolean) => {
    let block = joined([rest, ...waiting], rest.length + waitingBytes);
    waiting = [];
    waitingBytes = 0;
    if (first && block.length > 0) {
      block = withoutMark(block, source.path);
      first = false;
    }
    rest = block.subarray(parser.parse(block, last));
    if (rest.length > longestLine) throw endlessLine(source.path);
  };
  for await (const chunk of source.bytes()) {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= Math.max(rest.length, 1 << 16)) flush(false); // a long line is not scanned again and again
  }
  flush(true);
}

function endlessLine(path: string): InputError {
  return new InputError({
    what: `a line is longer than ${longestLine} bytes`,
    where: path,
    advice: 'A quotation mark may have been opened and never closed.',
    reason: 'endless_line',
  });
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  if (filled.length === 1) return filled[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of filled) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Skips the byte order mark of UTF-8. @throws InputError for text in UTF-16 */
function withoutMark(block: Uint8Array, path: string): Uint8Array {
  if (block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) return block.subarray(3);
  refuseUtf16(block, path);
  return block;
}

/** @throws InputError for text in UTF-16, by its byte order mark */
export function refuseUtf16(head: Uint8Array, path: string): void {
  if (!((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))) return;
  throw new InputError({
    what: 'the text is encoded as UTF-16',
    where: path,
    expected: 'UTF-8',
    advice: 'Save it again as UTF-8; in Excel as "CSV UTF-8".',
    reason: 'encoding',
  });
}
