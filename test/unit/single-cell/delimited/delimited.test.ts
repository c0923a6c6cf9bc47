import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orientationOf } from '../../../../src/single-cell/delimited/orientation.ts';
import { TableParser } from '../../../../src/single-cell/delimited/parse.ts';
import { readDelimited } from '../../../../src/single-cell/delimited/read.ts';
import { textFile } from '../../../../src/single-cell/text/node-files.ts';
import { parseNumber } from '../../../../src/single-cell/text/number.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { denseOf, errorOf, expectAsStated, fixturePath } from '../fixture-files.ts';
import { pieces } from '../text-pieces.ts';

function read(text: string | Uint8Array, logger = new RecordingLogger(), pieceBytes = 5) {
  return readDelimited(pieces('table.csv', text, pieceBytes), logger);
}

describe('tables', () => {
  it.each<[name: string, lies: RegExp]>([
    ['cells_by_genes.csv', /rows are read as cells: .*look like cells/],
    ['genes_by_cells.tsv.gz', /rows are read as genes: 'gene' stands above/],
    ['r_write_table.txt', /rows are read as cells/],
    ['bom_crlf.csv', /rows are read as cells/],
    ['quoted_commas.csv', /rows are read as cells: 'cell' stands above/],
  ])('reads %s and says which way it lies', async (name, lies) => {
    const logger = new RecordingLogger();
    const source = await textFile(fixturePath(`good/${name}`));
    await expectAsStated(await readDelimited(source, logger), name);
    expect(logger.warnings).toEqual([]);
    expect(logger.infos.join()).toMatch(lies);
  });

  it('keeps duplicate names and says which', async () => {
    const logger = new RecordingLogger();
    const source = await textFile(fixturePath('bad/duplicate_columns.csv'));
    const data = await readDelimited(source, logger);
    expect(logger.warnings.join()).toMatch(/genes repeat: A twice/);
    expect(data.var.index).toEqual(['A', 'A']);
    expect((await denseOf(data.X!)).dense).toEqual([1, 2]);
  });

  it('reads what R separates by spaces', async () => {
    const data = await read('"CD3D" "LYZ"\n"c 1" 1 0\n"c 2" 0 -2.5\n');
    expect([data.obs.index, data.var.index]).toEqual([
      ['c 1', 'c 2'],
      ['CD3D', 'LYZ'],
    ]);
    expect((await denseOf(data.X!)).dense).toEqual([1, 0, 0, -2.5]);
  });

  it('reads a header of one gene that lacks the field above the names', async () => {
    expect((await read('LYZ\nc1\t1\nc2\t2\n')).var.index).toEqual(['LYZ']);
  });

  it('keeps numbers as written, in float32 where that holds them', async () => {
    expect((await read('cell,A\nc1,0.5\n')).X!.dtype).toBe('float32');
    const precise = await read('cell,A,B\nc1,0.1,3\n');
    expect(precise.X!.dtype).toBe('float64');
    expect((await denseOf(precise.X!)).dense).toEqual([0.1, 3]);
  });

  it('warns when the header is made of numbers', async () => {
    const logger = new RecordingLogger();
    await read('c1,1,2\nc2,3,4\n', logger);
    expect(logger.warnings.join()).toMatch(/no header, its first row is lost/);
  });

  it.each([
    ['GeneA,GeneB\n1,0\n1,2\n', 'no_names'],
    ['c1,0,0\nc2,3,4\n', 'no_header'],
  ])('refuses to take values for names: %j', async (text, reason) => {
    expect((await errorOf(read(text))).reason).toBe(reason);
  });

  it('warns of numbers that may be names or values', async () => {
    const logger = new RecordingLogger();
    expect((await read('GeneA,GeneB\n5,0\n3,2\n', logger)).obs.index).toEqual(['5', '3']);
    expect(logger.warnings.join()).toMatch(/first column, 'GeneA', holds numbers/);
  });

  it.each(['', 'index', 'cell', 'gene', 'Unnamed: 0'])('takes numbers under %j for names', async (corner) => {
    const logger = new RecordingLogger();
    await read(`${corner},LYZ,NKG7\n1,0,5\n1,2,0\n`, logger);
    expect(logger.warnings.join()).not.toMatch(/holds numbers/);
  });

  it('warns when nothing tells which way the table lies', async () => {
    const logger = new RecordingLogger();
    await read('what,q1,q2\nx1,0,5\nx2,2,0\n', logger);
    expect(logger.warnings.join()).toMatch(/rows are read as cells: the names do not tell/);
  });

  it('gives back any table, whatever its names, separator, line breaks and pieces', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
      .map((text) => text.replaceAll(/[\0\ufffd]/g, 'x'));
    const table = fc
      .record({ rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 4 }) })
      .chain(({ rows, columns }) =>
        fc.record({
          rowNames: fc.array(name, { minLength: rows, maxLength: rows }),
          columnNames: fc.array(name, { minLength: columns, maxLength: columns }),
          values: fc.array(
            fc.oneof(fc.constant(0), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
            { minLength: rows * columns, maxLength: rows * columns },
          ),
          separator: fc.constantFrom(',', '\t', ' '),
          lineBreak: fc.constantFrom('\n', '\r\n'),
          pieceBytes: fc.integer({ min: 1, max: 30 }),
        }),
      );
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(table, async ({ rowNames, columnNames, values, separator, lineBreak, pieceBytes }) => {
        const lines = rowNames.map((rowName, row) =>
          [quoted(rowName), ...columnNames.map((_, i) => values[row * columnNames.length + i])].join(
            separator,
          ),
        );
        const text = [['cell', ...columnNames.map(quoted)].join(separator), ...lines].join(lineBreak);
        const data = await read(text, new RecordingLogger(), pieceBytes);
        expect(data.obs.index).toEqual(rowNames);
        expect(data.var.index).toEqual(columnNames);
        expect((await denseOf(data.X!)).dense.map((v) => v + 0)).toEqual(values.map((v) => v + 0));
      }),
      { numRuns: 200 },
    );
  });
});

describe('numbers', () => {
  const parse = (text: string) => {
    const bytes = new TextEncoder().encode(`x${text}y`);
    return parseNumber(bytes, 1, bytes.length - 1);
  };

  it('are what JavaScript reads, to the last bit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parse(String(value))).toBe(Number(String(value)));
      }),
      { numRuns: 1000 },
    );
    const digits = fc.stringMatching(/^-?\d{0,14}\.?\d{1,25}$/);
    fc.assert(
      fc.property(digits, (text) => {
        expect(parse(text)).toBe(Number(text));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '',
    ' ',
    '-',
    '.',
    '-.',
    'x',
    '1x',
    '1,5',
    '0x10',
    '1e',
    'Infinity',
    'NaN',
    '1e999',
    '1 2',
    '--1',
  ])('are not %j', (text) => {
    expect(parse(text)).toBeNaN();
  });
});

describe('which way a table lies', () => {
  const symbols = async () => (name: string) => ['CD3D', 'LYZ', 'NKG7'].includes(name);
  const cells = ['AAACCCAAGAAACACT-1', 'AAACCCAAGAAACCAT-1'];
  const ids = ['ENSG00000167286', 'ENSG00000090382.7'];

  it.each<[string | null, string[], string[], 'cells' | 'genes', RegExp]>([
    ['Gene', ['a'], ['b'], 'genes', /'Gene' stands above/],
    ['barcode', ['a'], ['b'], 'cells', /'barcode' stands above/],
    ['', ids, ['a', 'b'], 'genes', /100 % of the row names and 0 % of the column names are Ensembl ids/],
    ['', ['a', 'b'], ids, 'cells', /Ensembl ids/],
    [null, ['x', 'y'], cells, 'genes', /look like cells/],
    [null, cells, ['x', 'y'], 'cells', /look like cells/],
    ['', ['CD3D', 'LYZ'], ['a', 'b'], 'genes', /known gene symbols/],
    ['', ['a', 'b'], ['NKG7', 'x'], 'cells', /known gene symbols/],
    ['', ['a'], ['b'], 'cells', /write 'gene' above/],
  ])('%j, %j, %j: rows are %s', async (corner, rows, columns, expected, reason) => {
    const found = await orientationOf(corner, rows, columns, symbols);
    expect(found.rows).toBe(expected);
    expect(found.reason).toMatch(reason);
  });

  it('knows real symbols from the gene tables', async () => {
    const logger = new RecordingLogger();
    const data = await read(',a,b\nCD3D,1,2\nLYZ,0,3\nMS4A1,1,0\n', logger);
    expect(data.var.index).toEqual(['CD3D', 'LYZ', 'MS4A1']);
    expect((await denseOf(data.X!)).dense).toEqual([1, 0, 1, 2, 3, 0]);
    expect(logger.infos.join()).toMatch(/known gene symbols/);
  });
});

describe('broken tables', () => {
  it.each<[name: string, reason: string, mentions: RegExp[]]>([
    ['semicolon.csv', 'wrong_separator', [/one column only/, /semicolon/]],
    ['semicolon_decimal_comma.csv', 'wrong_separator', [/semicolon/, /decimal comma/]],
    ['ragged.csv', 'ragged_rows', [/line 3/, /2 fields/, /3 are expected/]],
    ['text_cell.csv', 'not_numeric', [/line 2/, /column B/, /NA/]],
    ['header_only.csv', 'no_rows', [/no cells/]],
    ['missing_values.csv', 'missing_values', [/2 empty fields/, /line 2/]],
    ['thousands.csv', 'not_numeric', [/line 2/, /1,234/]],
    ['utf16.csv', 'encoding', [/UTF-16/]],
  ])('%s: %s', async (name, reason, mentions) => {
    const source = await textFile(fixturePath(`bad/${name}`));
    const error = await errorOf(readDelimited(source, new RecordingLogger()));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(name);
    for (const mention of mentions) expect(error.message).toMatch(mention);
  });

  it('counts the lines within quoted names', async () => {
    const error = await errorOf(read('cell,A\n"c\n1",1\n\nc2,x\n'));
    expect(error.where).toBe('table.csv, line 5, column A');
  });

  it.each<[what: string, text: string | Uint8Array, reason: string]>([
    ['one column', 'cell\nc1\nc2\n', 'wrong_separator'],
    ['old Mac line ends', 'cell,A\rc1,1\r', 'encoding'],
    [
      'names in Latin-1',
      Uint8Array.from([...'cell,A\nc'].map((c) => c.charCodeAt(0)).concat(0xe9, 0x2c, 0x31)),
      'encoding',
    ],
    ['a quotation mark never closed', 'cell,A,B\n"c1,1,2\nc2,3,4\n', 'ragged_rows'],
    ['infinity', 'cell,A\nc1,inf\n', 'not_numeric'],
    ['a number beyond doubles', 'cell,A\nc1,1e999\n', 'not_numeric'],
  ])('%s', async (_, text, reason) => {
    expect((await errorOf(read(text))).reason).toBe(reason);
  });

  it('asks for more text while the first lines are incomplete', () => {
    const parser = new TableParser('table.csv');
    expect(parser.parse(new TextEncoder().encode('cell,A\nc1,'), false)).toBe(0);
    expect(parser.parse(new TextEncoder().encode('cell,A\nc1,1\n'), true)).toBe(12);
    expect(parser.rowNames).toEqual(['c1']);
  });
});
