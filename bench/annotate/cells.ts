/** @file A reference and a query of wanted size from a data file: drawn from its cells, thinned where they come again. */

import { AnnData } from '../../src/single-cell/anndata.ts';
import { categorical, DataFrame } from '../../src/single-cell/data-frame.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import type { Matrix } from '../../src/single-cell/matrix.ts';
import { openData } from '../../src/single-cell/open.ts';
import { selectCells, selectGenes, withValues } from '../../src/single-cell/preprocess/views.ts';
import { InputError } from '../../src/support/errors.ts';
import { type Random, randomStream } from '../../src/support/random.ts';

/** Where cells come from. */
export interface SourceCells {
  readonly path: string;
  /** obs column of cell types. */
  readonly label: string;
  /** obs column that splits types into more classes, where more are asked for than there are types. */
  readonly group: string;
}

/** How much of what. */
export interface Sizes {
  /** Of the reference. */
  readonly cells: number;
  readonly query: number;
  readonly genes: number;
  readonly classes: number;
}

/** Both sides have the column `class`. */
export interface DrawnCells {
  readonly reference: AnnData;
  readonly query: AnnData;
}

/** Share of molecules that a cell keeps that comes again. */
const keptMolecules = 0.9;

/**
 * Draws cells of the largest classes and as many genes at random. The query has other cells than the reference; a
 * reference larger than what is left has cells that come again, each with a tenth of its molecules taken away at random,
 * so that no two are equal.
 *
 * @throws InputError when the file has fewer genes, classes or cells of a query than asked for
 */
export async function drawCells(source: SourceCells, sizes: Sizes, seed: number): Promise<DrawnCells> {
  const data = await openData(source.path);
  try {
    const random = randomStream(seed, 'benchmark cells');
    const classes = classesOf(data, source, sizes.classes);
    const rows = random.shuffle(
      Int32Array.from(data.obs.index.keys()).filter((row) => classes[row] !== null),
    );
    requireEnough('genes', data.nVars, sizes.genes, source.path);
    requireEnough('cells of these classes', rows.length, sizes.query + 1, source.path);
    const genes = random.shuffle(Int32Array.from(data.var.index.keys())).slice(0, sizes.genes).sort();
    const pool = rows.subarray(sizes.query);
    const drawn = Int32Array.from({ length: sizes.cells }, (_, i) => pool[i % pool.length]);
    const side = async (chosen: Int32Array): Promise<AnnData> =>
      new AnnData({
        obs: new DataFrame(
          Array.from(chosen, (row, i) => `${data.obs.index[row]}-${i}`),
          [['class', categorical(Array.from(chosen, (row) => classes[row]))]],
        ),
        var: new DataFrame(Array.from(genes, (gene) => data.var.index[gene])),
        X: await inMemory(
          thinned(selectGenes(selectCells(counts(data), chosen), genes), pool.length, random),
        ),
        source: source.path,
      });
    return { query: await side(rows.slice(0, sizes.query)), reference: await side(drawn) };
  } finally {
    await data.close();
  }
}

/** The class of each cell, null for those of smaller classes. */
function classesOf(data: AnnData, { label, group, path }: SourceCells, wanted: number): (string | null)[] {
  const types = [...data.obs.strings(label)];
  const few = new Set(types.filter((type) => type !== null)).size >= wanted;
  const groups = [...data.obs.strings(group)];
  const names = few ? types : types.map((type, row) => (type === null ? null : `${type}, ${groups[row]}`));
  const sizes = new Map<string, number>();
  for (const name of names) if (name !== null) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  requireEnough('classes', sizes.size, wanted, path);
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, wanted);
  const kept = new Set(largest.map(([name]) => name));
  return names.map((name) => (name !== null && kept.has(name) ? name : null));
}

function requireEnough(what: string, there: number, wanted: number, path: string): void {
  if (there >= wanted) return;
  throw new InputError({ what: `there are ${there} ${what}`, where: path, expected: `at least ${wanted}` });
}

function counts({ X, source }: AnnData): Matrix {
  if (X !== null) return X;
  throw new InputError({ what: 'there is no X', where: source ?? 'data' });
}

/** Rows from number `whole` on with a tenth of their molecules taken away. */
function thinned(matrix: Matrix, whole: number, random: Random): Matrix {
  if (matrix.shape[0] <= whole) return matrix;
  return withValues(matrix, 'float32', ({ start, rowCount, indptr, values }, out) => {
    for (let row = 0; row < rowCount; row++) {
      for (let i = indptr[row]; i < indptr[row + 1]; i++) {
        out[i] = start + row < whole ? values[i] : molecules(values[i], random);
      }
    }
  });
}

function molecules(count: number, random: Random): number {
  let kept = 0;
  for (let i = 0; i < count; i++) if (random.uniform() < keptMolecules) kept++;
  return kept;
}
