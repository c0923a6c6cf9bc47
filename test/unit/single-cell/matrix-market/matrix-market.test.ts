import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMatrixMarket } from '../../../../src/single-cell/matrix-market/node.ts';
import { readMatrixMarket } from '../../../../src/single-cell/matrix-market/read.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { denseOf, errorOf, expectAsStated, fixturePath } from '../fixture-files.ts';
import { pieces } from '../text-pieces.ts';

const header = '%%MatrixMarket matrix coordinate integer general\n';

function read(text: string, logger = new RecordingLogger(), pieceBytes = 7) {
  const matrix = pieces('matrix.mtx', text, pieceBytes);
  return readMatrixMarket('matrix.mtx', { matrix, features: null, barcodes: null }, logger);
}

describe('Matrix Market exports', () => {
  it.each(['mtx_v2', 'mtx_v3', 'mtx_v3_prefix', 'mtx_real'])('reads %s', async (name) => {
    const logger = new RecordingLogger();
    await expectAsStated(await openMatrixMarket(fixturePath(`good/${name}`), { logger }), name);
    expect(logger.warnings).toEqual([]);
  });

  it('finds the names beside a matrix file', async () => {
    const path = fixturePath('good/mtx_v3_prefix/GSM123456_sampleA_matrix.mtx.gz');
    await expectAsStated(await openMatrixMarket(path), 'mtx_v3_prefix');
  });

  it('reads a bare matrix by number, and says so', async () => {
    const logger = new RecordingLogger();
    const data = await read(`${header}3 2 2\n1 1 5\n3 2 1\n`, logger);
    expect([data.obs.index, data.var.index]).toEqual([
      ['0', '1'],
      ['0', '1', '2'],
    ]);
    expect((await denseOf(data.X!)).dense).toEqual([5, 0, 0, 0, 0, 1]);
    expect(logger.warnings.join()).toMatch(/without names of its genes and cells/);
  });

  it('keeps explicit zeros and adds repeated entries, and says so', async () => {
    const logger = new RecordingLogger();
    const data = await read(`${header}3 2 4\n2 2 5\n1 2 0\n1 1 1\n2 2 2\n`, logger);
    expect(await denseOf(data.X!)).toEqual({ dense: [1, 0, 0, 0, 7, 0], entries: 3 });
    expect(logger.warnings.join()).toMatch(/more than once; the values of 1 repeated/);
  });

  it('rounds no sum of repeated entries', async () => {
    const { X } = await read(`${header}1 1 2\n1 1 16777216\n1 1 1\n`);
    expect((await denseOf(X!)).dense).toEqual([16777217]);
  });

  it('turns to float64 only where a value needs it', async () => {
    const real = '%%MatrixMarket matrix coordinate real general\n1 2 2\n';
    expect((await read(`${real}1 1 0.5\n1 2 16777216\n`)).X!.dtype).toBe('float32');
    const precise = await read(`${real}1 1 0.1\n1 2 16777217\n`);
    expect(precise.X!.dtype).toBe('float64');
    expect((await denseOf(precise.X!)).dense).toEqual([0.1, 16777217]);
  });

  it('gives back any matrix, in any order of entries and any pieces of text', async () => {
    const sparse = fc.record({
      cells: fc.integer({ min: 1, max: 6 }),
      genes: fc.integer({ min: 1, max: 6 }),
      seeds: fc.uniqueArray(fc.integer({ min: 0, max: 35 }), { maxLength: 20 }),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
      pieceBytes: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(sparse, async ({ cells, genes, seeds, value, pieceBytes }) => {
        const places = seeds.filter((place) => place < cells * genes);
        const dense = new Array<number>(cells * genes).fill(0);
        places.forEach((place, i) => {
          dense[place] = i === 0 ? value : i;
        });
        const lines = places.map((place) => {
          const [cell, gene] = [Math.floor(place / genes), place % genes];
          return `${gene + 1} ${cell + 1} ${dense[place]}\n`;
        });
        const text = `%%MatrixMarket matrix coordinate real general\n%\n${genes} ${cells} ${lines.length}\n${lines.join('')}`;
        const { X } = await read(text, new RecordingLogger(), pieceBytes);
        expect((await denseOf(X!)).dense.map((v) => v + 0)).toEqual(dense.map((v) => v + 0));
      }),
      { numRuns: 100 },
    );
  });
});

describe('broken exports', () => {
  it.each<[name: string, reason: string, mentions: RegExp[]]>([
    ['mtx_fewer_entries.mtx', 'mtx_count', [/4 entries announced/, /2 found/]],
    ['mtx_more_entries.mtx', 'mtx_count', [/line 4/, /1 entry announced/, /more found/]],
    ['mtx_zero_based.mtx', 'bad_index', [/line 3/, /index 0/, /starts at 1/]],
    ['mtx_out_of_range.mtx', 'bad_index', [/line 3/, /row 4/, /3 rows/]],
    ['mtx_no_header.mtx', 'mtx_header', [/%%MatrixMarket/]],
    ['mtx_not_a_number.mtx', 'not_numeric', [/line 3/, /five/]],
    ['mtx_features_mismatch', 'length_mismatch', [/7 features/, /matrix has 8 rows/]],
    ['mtx_barcodes_missing', 'missing_file', [/barcodes\.tsv\.gz/]],
  ])('%s: %s', async (name, reason, mentions) => {
    const error = await errorOf(openMatrixMarket(fixturePath(`bad/${name}`)));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(name);
    for (const mention of mentions) expect(error.message).toMatch(mention);
  });

  it.each([
    ['%%MatrixMarket matrix array real general\n2 2\n', 'mtx_header'],
    ['%%MatrixMarket matrix coordinate complex general\n', 'mtx_header'],
    ['%%MatrixMarket matrix coordinate real symmetric\n', 'mtx_header'],
    [`${header}3 2\n`, 'mtx_header'],
    [header, 'mtx_header'],
    [`${header}3 2 1\n1 1\n`, 'not_numeric'],
    [`${header}3 2 1\n1 1 2 3\n`, 'ragged_rows'],
    [`${header}3 2 1\n1.5 1 2\n`, 'bad_index'],
  ])('%j: %s', async (text, reason) => {
    expect((await errorOf(read(text))).reason).toBe(reason);
  });

  it.each<[what: string, features: string | Uint8Array, reason: string]>([
    ['a line without a type', 'E1\tA\tGene Expression\nE2\tB\n', 'ragged_rows'],
    ['names in Latin-1', Uint8Array.from([0x45, 0x31, 9, 0xe9, 10, 0x45, 0x32, 9, 0x42, 10]), 'encoding'],
  ])('refuses features with %s', async (_, features, reason) => {
    const files = {
      matrix: pieces('matrix.mtx', `${header}2 1 1\n1 1 5\n`, 7),
      features: pieces('features.tsv', features, 3),
      barcodes: null,
    };
    const error = await errorOf(readMatrixMarket('folder', files, new RecordingLogger()));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain('features.tsv');
  });

  it('wants one matrix in a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scgpt-mtx-'));
    try {
      for (const name of ['a_matrix.mtx', 'b_matrix.mtx']) await writeFile(join(folder, name), header);
      const error = await errorOf(openMatrixMarket(folder));
      expect(error.message).toMatch(/a_matrix\.mtx, b_matrix\.mtx/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
