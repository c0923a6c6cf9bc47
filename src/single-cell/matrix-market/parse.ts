/** @file Matrix Market text: a header, the shape, then one entry a line. */

import { InputError } from '../../support/errors.ts';
import { GrowingIndices, GrowingValues } from '../text/growing.ts';
import { parseNumber } from '../text/number.ts';
import type { BlockParser } from '../text/source.ts';

const newline = 0x0a;
const percent = 0x25;
const space = 0x20; // and every control character before it, such as tab and carriage return

const decoder = new TextDecoder();

/** The entries of a coordinate matrix, in the order of the file; indices count from 0. */
export class MatrixMarketParser implements BlockParser {
  rowCount = 0;
  columnCount = 0;
  readonly rows = new GrowingIndices();
  readonly columns = new GrowingIndices();
  readonly values = new GrowingValues();
  private readonly path: string;
  private line = 0;
  private pattern = false; // entries without values: all are 1
  private stage: 'header' | 'shape' | 'entries' = 'header';
  private announced = 0;

  constructor(path: string) {
    this.path = path;
  }

  parse(block: Uint8Array, last: boolean): number {
    let begin = 0;
    while (begin < block.length) {
      let end = block.indexOf(newline, begin);
      if (end < 0) {
        if (!last) return begin;
        end = block.length;
      }
      this.line++;
      this.parseLine(block, begin, end);
      begin = end + 1;
    }
    if (last) this.finish();
    return block.length;
  }

  private parseLine(bytes: Uint8Array, begin: number, end: number): void {
    if (this.stage === 'entries') this.parseEntry(bytes, begin, end);
    else if (this.stage === 'header') this.parseHeader(decoder.decode(bytes.subarray(begin, end)).trim());
    else this.parseShape(decoder.decode(bytes.subarray(begin, end)).trim());
  }

  private parseHeader(text: string): void {
    const words = text.toLowerCase().split(/\s+/);
    if (words[0] !== '%%matrixmarket') {
      throw new InputError({
        what: `the first line is '${shortened(text)}'`,
        where: this.path,
        expected: 'a header that begins with %%MatrixMarket',
        reason: 'mtx_header',
      });
    }
    const [, object, format, field, symmetry] = words;
    const known = ['integer', 'real', 'double', 'pattern'].includes(field);
    if (object !== 'matrix' || format !== 'coordinate' || !known || symmetry !== 'general') {
      throw new InputError({
        what: `the header is '${shortened(text)}'`,
        where: this.path,
        expected: "'%%MatrixMarket matrix coordinate', then integer, real or pattern, then general",
        reason: 'mtx_header',
      });
    }
    this.pattern = field === 'pattern';
    this.stage = 'shape';
  }

  private parseShape(text: string): void {
    if (text === '' || text.startsWith('%')) return;
    const numbers = text.split(/\s+/);
    if (numbers.length !== 3 || !numbers.every((number) => /^\d{1,15}$/.test(number))) {
      throw this.error(
        `'${shortened(text)}' is not the shape`,
        'the numbers of rows, columns and entries',
        'mtx_header',
      );
    }
    [this.rowCount, this.columnCount, this.announced] = numbers.map(Number);
    if (Math.max(this.rowCount, this.columnCount) >= 2 ** 31) {
      throw this.error('a side of the matrix is 2^31 or longer', undefined, 'too_large');
    }
    this.stage = 'entries';
  }

  private parseEntry(bytes: Uint8Array, begin: number, end: number): void {
    let at = afterSpaces(bytes, begin, end);
    if (at === end || bytes[at] === percent) return; // blank or a comment
    if (this.rows.length === this.announced) {
      const entries = this.announced === 1 ? '1 entry' : `${this.announced} entries`;
      throw this.error(`${entries} announced, but more found`, undefined, 'mtx_count');
    }
    let word = wordEnd(bytes, at, end);
    const row = this.index(bytes, at, word, this.rowCount, 'row');
    at = afterSpaces(bytes, word, end);
    word = wordEnd(bytes, at, end);
    const column = this.index(bytes, at, word, this.columnCount, 'column');
    at = afterSpaces(bytes, word, end);
    let value = 1;
    if (!this.pattern) {
      word = wordEnd(bytes, at, end);
      value = this.number(bytes, at, word);
      at = afterSpaces(bytes, word, end);
    }
    if (at < end) {
      const fields = this.pattern ? 'row and column' : 'row, column and value';
      throw this.error(`there is more than ${fields}`, undefined, 'ragged_rows');
    }
    this.rows.push(row);
    this.columns.push(column);
    this.values.push(value);
  }

  private index(bytes: Uint8Array, from: number, to: number, count: number, axis: string): number {
    const index = this.number(bytes, from, to);
    if (index >= 1 && index <= count && Number.isInteger(index)) return index - 1;
    throw this.error(
      index === 0
        ? `there is a ${axis} index 0, but counting starts at 1`
        : `there is an entry in ${axis} ${index}, but the matrix has ${count} ${axis}s`,
      `${axis} indices from 1 to ${count}`,
      'bad_index',
    );
  }

  private number(bytes: Uint8Array, from: number, to: number): number {
    const value = parseNumber(bytes, from, to);
    if (!Number.isNaN(value)) return value;
    const text = shortened(decoder.decode(bytes.subarray(from, to)));
    throw this.error(
      text === '' ? 'a number is missing' : `'${text}' is not a number`,
      undefined,
      'not_numeric',
    );
  }

  private finish(): void {
    if (this.stage !== 'entries') {
      throw new InputError({
        what: `the file ends before the ${this.stage}`,
        where: this.path,
        reason: 'mtx_header',
      });
    }
    const found = this.rows.length;
    if (found === this.announced) return;
    throw new InputError({
      what: `${this.announced} entries announced, but only ${found} found`,
      where: this.path,
      advice: 'The file may be truncated; compare its size with the source.',
      reason: 'mtx_count',
    });
  }

  private error(what: string, expected: string | undefined, reason: string): InputError {
    return new InputError({ what, where: `${this.path}, line ${this.line}`, expected, reason });
  }
}

function afterSpaces(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] <= space) at++;
  return at;
}

function wordEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] > space) at++;
  return at;
}

/** Enough of a text to recognise it. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
