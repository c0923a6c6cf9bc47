import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../../../src/support/errors.ts';
import { shuffledBlocks } from '../../../../src/train/cells/order.ts';
import { type StreamOptions, streamBatches } from '../../../../src/train/cells/stream.ts';
import { TrainingCells } from '../../../../src/train/cells/training-cells.ts';
import { geneCount, numberedRow, sourceOf } from './sample-source.ts';

const zeros = new Array<number>(geneCount).fill(0);
/** Every 9th cell has no gene when `gaps`. */
const rowsOf = (count: number, gaps: boolean) =>
  Array.from({ length: count }, (_, i) => (gaps && i % 9 === 4 ? zeros : numberedRow(i)));
const cellsOf = (count: number, gaps = false, includeZeros = false) => {
  const half = Math.floor(count / 2);
  const rows = rowsOf(count, gaps);
  const sources = [sourceOf(rows.slice(0, half), 'a'), sourceOf(rows.slice(half), 'b')];
  return { cells: new TrainingCells(sources, { includeZeros }), sources };
};
const numbers = (count: number) => Int32Array.from({ length: count }, (_, i) => i);
const base: StreamOptions = {
  seed: 1,
  epoch: 0,
  batch: { cells: 8, sortByLength: true },
  length: (cell) => cell.genes.length + 1,
};

interface SeenBatch {
  readonly index: number;
  readonly names: string[];
  readonly lengths: number[];
  /** All of each cell, in text. */
  readonly content: string[];
}

async function collected(cells: TrainingCells, members: Int32Array, options: Partial<StreamOptions> = {}) {
  const batches: SeenBatch[] = [];
  for await (const batch of streamBatches(cells, members, { ...base, ...options })) {
    batches.push({
      index: batch.index,
      names: batch.cells.map(({ name }) => name),
      lengths: batch.cells.map(({ genes }) => genes.length + 1),
      content: batch.cells.map(({ genes, values, ...rest }) => `${JSON.stringify(rest)} ${genes} ${values}`),
    });
  }
  return batches;
}
const namesOf = (batches: readonly SeenBatch[]) => batches.flatMap(({ names }) => names);

const setups = fc.record({
  count: fc.integer({ min: 2, max: 3000 }),
  gaps: fc.boolean(),
  includeZeros: fc.boolean(),
  seed: fc.integer(),
  epoch: fc.nat(9),
  batch: fc.record({
    cells: fc.integer({ min: 1, max: 300 }),
    tokens: fc.option(fc.integer({ min: 6, max: 500 }), { nil: undefined }),
    sortByLength: fc.boolean(),
  }),
});

describe('streamBatches', () => {
  it('brings every member with a gene once, numbered, within the bounds', async () => {
    await fc.assert(
      fc.asyncProperty(setups, fc.nat(4), async (setup, left) => {
        const { count, gaps, includeZeros, ...options } = setup;
        const { cells } = cellsOf(count, gaps, includeZeros);
        const members = numbers(count).filter((cell) => cell % 5 !== left || cell < 2);
        const batches = await collected(cells, members, options);
        expect(batches.map(({ index }) => index)).toEqual(batches.map((_, i) => i));
        const usable = members.filter((cell) => !(gaps && cell % 9 === 4));
        expect(namesOf(batches).sort()).toEqual(Array.from(usable, (cell) => cells.nameOf(cell)).sort());
        const empty = members.filter((cell) => gaps && cell % 9 === 4);
        expect(cells.emptyCells).toEqual(empty);
        const { cells: most, tokens = Number.POSITIVE_INFINITY } = options.batch;
        for (const { lengths } of batches) {
          expect(lengths.length).toBeLessThanOrEqual(most);
          expect(lengths.length === 1 || lengths.length * Math.max(...lengths) <= tokens).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('resumes with the same bytes, in new objects, counted before or not', async () => {
    await fc.assert(
      fc.asyncProperty(setups, fc.nat(), fc.boolean(), async (setup, some, counted) => {
        const { count, gaps, includeZeros, ...options } = setup;
        const members = numbers(count);
        const whole = await collected(cellsOf(count, gaps, includeZeros).cells, members, options);
        const skip = some % (whole.length + 1);
        const { cells } = cellsOf(count, gaps, includeZeros);
        if (counted) await cells.countGenes();
        const rest = await collected(cells, members, { ...options, skip });
        expect(rest).toEqual(whole.slice(skip));
      }),
      { numRuns: 40 },
    );
  });

  it('is the same for the same seed and epoch and another for others', async () => {
    const order = async (seed: number, epoch: number, members = numbers(500)) =>
      namesOf(await collected(cellsOf(500).cells, members, { seed, epoch }));
    const first = await order(1, 0);
    expect(await order(1, 0)).toEqual(first);
    expect(await order(1, 1)).not.toEqual(first);
    expect(await order(2, 0)).not.toEqual(first);
    expect(await order(1, 0, numbers(499))).not.toEqual(first);
  });

  it('does not read what is skipped once cells are counted', async () => {
    const { cells, sources } = cellsOf(6000, true);
    await cells.countGenes();
    const readRows = () =>
      sources.flatMap(({ matrix }) => matrix.reads).reduce((sum, [start, end]) => sum + end - start, 0);
    const before = readRows();
    const whole = await collected(cells, numbers(6000));
    expect(readRows() - before).toBe(6000);
    const skip = Math.ceil(whole.length / 2);
    expect(await collected(cells, numbers(6000), { skip })).toEqual(whole.slice(skip));
    const [first] = shuffledBlocks(numbers(6000), { seed: 1, epoch: 0 });
    expect(readRows() - before - 6000).toBe(6000 - first.length);
    const read = readRows();
    expect(await collected(cells, numbers(6000), { skip: whole.length })).toEqual([]);
    expect(readRows()).toBe(read);
  });

  it('reads one window ahead and no more', async () => {
    const { cells, sources } = cellsOf(9000);
    const readRows = () =>
      sources.flatMap(({ matrix }) => matrix.reads).reduce((sum, [start, end]) => sum + end - start, 0);
    const stream = streamBatches(cells, numbers(9000), base);
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [first, second] = shuffledBlocks(numbers(9000), { seed: 1, epoch: 0 });
    expect(readRows()).toBe(first.length + second.length);
    await stream.return(undefined);
    expect(readRows()).toBe(first.length + second.length);
  });

  it('makes windows wide enough for large batches', async () => {
    const batches = await collected(cellsOf(5000).cells, numbers(5000), {
      batch: { cells: 4000, sortByLength: false },
    });
    expect(batches.map(({ names }) => names.length)).toEqual([2500, 2500]);
  });

  it('tells a failure of the window ahead only when it is due, and not at all when it is left', async () => {
    const rows = rowsOf(6000, false);
    rows[5999] = [0, 0, -1, 0, 0, 0];
    const cells = new TrainingCells([sourceOf(rows, 'bad')], { includeZeros: false });
    const inSecond = (seed: number) => shuffledBlocks(numbers(6000), { seed, epoch: 0 })[1].includes(5999);
    const seed = [...Array(100).keys()].find(inSecond);
    const options = { ...base, seed: seed! };
    const use = async (most: number) => {
      let used = 0;
      for await (const { cells: batch } of streamBatches(cells, numbers(6000), options)) {
        used += batch.length;
        await new Promise((resolve) => setTimeout(resolve));
        if (used >= most) break;
      }
      return used;
    };
    const window = shuffledBlocks(numbers(6000), { seed: seed!, epoch: 0 })[0].length;
    expect(await use(window - 100)).toBeLessThan(window);
    expect(await use(window)).toBe(window);
    await expect(use(window + 1)).rejects.toThrow('cell bad-5999 of bad.h5ad, gene GENE3: the value is -1');
  });

  it('names the files when there is nothing to train on', async () => {
    const empty = sourceOf([zeros, [0, 3, 0, 0, 0, 0]], 'empty');
    const cells = new TrainingCells([sourceOf([numberedRow(1)], 'good'), empty], { includeZeros: true });
    for (const counted of [false, true]) {
      if (counted) await cells.countGenes();
      const error = await collected(cells, Int32Array.of(1, 2)).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(InputError);
      expect(String(error)).toContain('empty.h5ad: none of 2 cells has a gene of the vocabulary above zero');
    }
  });

  it('refuses to skip more than there is', async () => {
    const { cells } = cellsOf(20);
    await expect(collected(cells, numbers(20), { skip: 4 })).rejects.toThrow(UsageError);
    await expect(collected(cells, numbers(20), { skip: 4 })).rejects.toThrow(
      '4 batches were to be skipped and the epoch has 3',
    );
  });
});
