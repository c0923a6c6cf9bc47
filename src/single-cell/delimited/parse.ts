/** @file A table of numbers with names at its top and left, parsed from bytes. */

import { InputError } from '../../support/errors.ts';
import { GrowingIndices, GrowingValues } from '../text/growing.ts';
import { parseNumber } from '../text/number.ts';
import type { BlockParser } from '../text/source.ts';
import { detectSeparator, separatorNames } from './dialect.ts';
import { fieldEnd, fieldText, lineEnd, quote } from './fields.ts';

const carriageReturn = 0x0d;

/** Lines shown to the detection of the separator. */
const sampleLines = 2;

/** Collects the names, and the non-zero numbers row by row. */
export class TableParser implements BlockParser {
  /** The header's field above the names of the rows; null when the header has none, as R's write.table leaves it. */
  corner: string | null = null;
  columnNames: string[] = [];
  readonly rowNames: string[] = [];
  readonly indices = new GrowingIndices();
  readonly values = new GrowingValues();
  /** Where each row's entries begin. */
  readonly rowBegins: number[] = [0];
  private readonly path: string;
  private line = 1; // of the file, where the current row begins
  private separator: number | undefined;
  private header: string[] | undefined;
  private emptyFields = 0;
  private firstEmpty: { line: number; column: number } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  parse(block: Uint8Array, last: boolean): number {
    if (this.separator === undefined && !this.detect(block, last)) return 0;
    let begin = 0;
    while (begin < block.length) {
      const { end, breaks } = lineEnd(block, begin, this.separator);
      if (end === block.length && !last) break;
      const stop = end > begin && block[end - 1] === carriageReturn ? end - 1 : end;
      if (stop > begin) this.parseLine(block, begin, stop);
      this.line += breaks + 1;
      begin = Math.min(end + 1, block.length);
    }
    if (last) this.finish();
    return begin;
  }

  /** False while too little was seen to tell the separator. */
  private detect(block: Uint8Array, last: boolean): boolean {
    const lines: string[] = [];
    for (let begin = 0; begin < block.length && lines.length < sampleLines; ) {
      const { end } = lineEnd(block, begin);
      if (end === block.length && !last) return false;
      const text = new TextDecoder().decode(block.subarray(begin, end)).replace(/\r$/, '');
      if (text.includes('\r')) throw this.unreadable('lines end with carriage returns alone, as on old Macs');
      if (text !== '') lines.push(text);
      begin = end + 1;
    }
    if (lines.length < sampleLines && !last) return false;
    this.separator = detectSeparator(lines, this.path);
    return true;
  }

  private parseLine(bytes: Uint8Array, begin: number, end: number): void {
    if (this.header === undefined) {
      this.header = this.texts(bytes, begin, end);
      return;
    }
    if (this.rowNames.length === 0) this.settleColumns(bytes, begin, end);
    this.parseRow(bytes, begin, end);
  }

  /** The first row tells whether the header has a field above the names of the rows. */
  private settleColumns(bytes: Uint8Array, begin: number, end: number): void {
    const fields = this.texts(bytes, begin, end).length;
    const header = this.header!;
    const offset = fields === header.length + 1;
    this.corner = offset ? null : header[0];
    this.columnNames = offset ? header : header.slice(1);
  }

  private parseRow(bytes: Uint8Array, begin: number, end: number): void {
    const { separator } = this;
    const columnCount = this.columnNames.length;
    let column = -1; // the name comes first
    for (let from = begin; from <= end; column++) {
      const to = fieldEnd(bytes, from, end, separator!);
      if (column < 0) this.rowNames.push(this.text(bytes, from, to));
      else if (column < columnCount) this.parseCell(bytes, from, to, column);
      from = to + 1;
    }
    if (column !== columnCount) throw this.ragged(column + 1);
    this.rowBegins.push(this.indices.length);
  }

  private parseCell(bytes: Uint8Array, from: number, to: number, column: number): void {
    if (to - from === 1 && bytes[from] === 0x30) return; // most cells are 0
    const quoted = bytes[from] === quote && bytes[to - 1] === quote && to - from >= 2;
    const value = quoted ? parseNumber(bytes, from + 1, to - 1) : parseNumber(bytes, from, to);
    if (value === 0) return;
    if (Number.isNaN(value)) {
      this.refuse(fieldText(bytes, from, to), column);
      return;
    }
    this.indices.push(column);
    this.values.push(value);
  }

  /** Empty fields are counted to the end, anything else ends the reading. */
  private refuse(text: string, column: number): void {
    if (text.trim() === '') {
      this.emptyFields++;
      this.firstEmpty ??= { line: this.line, column };
      return;
    }
    const thousands = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text);
    const missing = /^(na|nan|n\/a|null|none|-)$/i.test(text.trim());
    throw new InputError({
      what: `'${text.slice(0, 60)}' is not a number`,
      where: `${this.path}, line ${this.line}, column ${this.columnNames[column]}`,
      expected: 'numbers in every column but the first',
      advice: thousands
        ? 'Write numbers without separators of thousands.'
        : missing
          ? 'Write 0 where nothing was counted, or leave out genes that were not measured.'
          : 'Keep annotations of cells or genes in a file of their own.',
      reason: 'not_numeric',
    });
  }

  private ragged(fields: number): InputError {
    const expected = this.columnNames.length + 1;
    return new InputError({
      what: `there are ${fields} fields where ${expected} are expected`,
      where: `${this.path}, line ${this.line}`,
      expected: `as many fields, separated by ${this.separatorName}s, as the header has`,
      advice: 'The file may be truncated, or a name holds the separator and is not quoted.',
      reason: 'ragged_rows',
    });
  }

  private get separatorName(): string {
    return separatorNames[String.fromCharCode(this.separator!) as keyof typeof separatorNames];
  }

  private finish(): void {
    if (this.rowNames.length === 0) {
      throw new InputError({
        what: 'the table has a header but no rows: there are no cells',
        where: this.path,
        reason: 'no_rows',
      });
    }
    if (this.firstEmpty === undefined) return;
    const { line, column } = this.firstEmpty;
    throw new InputError({
      what: `values are missing: ${this.emptyFields} empty field${this.emptyFields === 1 ? '' : 's'}, the first in line ${line}, column ${this.columnNames[column]}`,
      where: this.path,
      expected: 'a number in every field',
      advice: 'Write 0 where nothing was counted, or leave out genes that were not measured.',
      reason: 'missing_values',
    });
  }

  private texts(bytes: Uint8Array, begin: number, end: number): string[] {
    const texts: string[] = [];
    for (let from = begin; from <= end; ) {
      const to = fieldEnd(bytes, from, end, this.separator!);
      texts.push(this.text(bytes, from, to));
      from = to + 1;
    }
    return texts;
  }

  private text(bytes: Uint8Array, from: number, to: number): string {
    const text = fieldText(bytes, from, to);
    if (text.includes('\ufffd')) throw this.unreadable(`the name '${text}' is not encoded as UTF-8`);
    if (text.includes('\0')) throw this.unreadable('there are zero bytes, as in UTF-16 or a binary file');
    return text;
  }

  private unreadable(what: string): InputError {
    return new InputError({
      what,
      where: `${this.path}, line ${this.line}`,
      expected: 'text in UTF-8',
      advice: 'Save it again as UTF-8; in Excel as "CSV UTF-8".',
      reason: 'encoding',
    });
  }
}
