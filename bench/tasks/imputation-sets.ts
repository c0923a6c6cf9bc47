/** @file The cells of `benchmarks/imputation.md`: which entries and genes are hidden. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chosenGenes } from '../../src/analysis/imputation/chosen-genes.ts';
import { comparedZeros, hideEntries } from '../../src/analysis/imputation/hidden-entries.ts';
import {
  IncompleteExpression,
  rowSums,
  targetSum,
} from '../../src/analysis/imputation/incomplete-expression.ts';
import type { PanelReference, PanelTruth } from '../../src/analysis/imputation/panel/method.ts';
import type { CheckedEntries } from '../../src/analysis/imputation/scores.ts';
import type { CsrMatrix } from '../../src/single-cell/csr-matrix.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import { selectCells, selectGenes } from '../../src/single-cell/preprocess/views.ts';
import { InputError } from '../../src/support/errors.ts';
import type { BenchmarkFiles } from './files.ts';

/** A fifth of the entries of each of these is hidden. */
export const hiddenEntrySets: readonly string[] = ['pbmc3k/mask20', 'symphony_pbmc_3tech/mask20'];
/** Half of the genes of some cells are hidden. */
export const panelSets: readonly string[] = [
  'pbmc3k/panel/random half',
  'symphony_pbmc_3tech/panel/random half',
  'symphony_pbmc_3tech/panel/query 5p',
];

/** What the benchmark says of the hidden entries: their number, and the sum of cell x genes + gene modulo 1e9 + 7. */
const expectedHidden: Readonly<Record<string, readonly [count: number, sum: number]>> = {
  pbmc3k: [114417, 873904393],
  symphony_pbmc_3tech: [48685, 65533681],
};

/** The generator of the benchmark (Tommy Ettinger's mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Cells {
  readonly name: string;
  readonly genes: readonly string[];
  readonly counts: CsrMatrix; // [cells, genes]
  readonly totals: Float64Array; // [cells]
  readonly chemistry: readonly (string | null)[] | null; // [cells]
}

/** Counts of the listed genes, sorted by name, and each cell's count over all genes. */
async function cellsOf(set: string, files: BenchmarkFiles, shared: string): Promise<Cells> {
  const [name] = set.split('/');
  const data = await files.open(name);
  if (data.X === null) throw new InputError({ what: 'there is no X', where: name });
  const path = join(shared, 'benchmarks', `imputation.${name}.genes.tsv`);
  const genes = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  const place = new Map(data.var.index.map((gene, column) => [gene, column]));
  const columns = genes.map((gene) => place.get(gene) ?? -1);
  if (columns.includes(-1)) throw new InputError({ what: 'a listed gene is not there', where: path });
  const all = await inMemory(data.X);
  const rows = await all.rows(0, data.nObs);
  const totals = name === 'pbmc3k' ? rowSums(rows) : Float64Array.from(data.obs.strings('nUMI'), Number);
  return {
    name,
    genes,
    counts: chosenGenes(rows, columns),
    totals,
    chemistry: name === 'pbmc3k' ? null : data.obs.strings('batch'),
  };
}

/** Cells with hidden entries, and what is asked of methods. */
export interface HiddenEntrySet {
  readonly genes: readonly string[];
  readonly expression: IncompleteExpression;
  readonly entries: CheckedEntries;
}

/** @throws InputError when what is hidden is not what the benchmark hides */
export async function hiddenEntrySet(
  set: string,
  files: BenchmarkFiles,
  shared: string,
): Promise<HiddenEntrySet> {
  const { name, genes, counts, totals } = await cellsOf(set, files, shared);
  const rows = await counts.rows(0, counts.shape[0]);
  const { visible, hidden, values } = hideEntries(rows, 0.2, mulberry32(42));
  const truth = new Float64Array(values.length);
  let sum = 0;
  for (let cell = 0; cell < rows.rowCount; cell++) {
    for (let i = hidden.indptr[cell]; i < hidden.indptr[cell + 1]; i++) {
      truth[i] = Math.log1p((values[i] / totals[cell]) * targetSum);
      sum = (sum + cell * genes.length + hidden.genes[i]) % 1000000007;
    }
  }
  const [count, expected] = expectedHidden[name];
  if (truth.length !== count || sum !== expected) {
    throw new InputError({
      what: `${truth.length} entries with sum ${sum} are hidden`,
      where: set,
      expected: `${count} with sum ${expected}`,
    });
  }
  const zeros = comparedZeros(rows, hidden, mulberry32(43));
  return {
    genes,
    expression: await IncompleteExpression.of(visible, totals, 0.2),
    entries: { hidden, truth, zeros, genes: genes.length },
  };
}

/** Cells that have all genes, and cells of which every other gene is hidden. */
export interface PanelSet {
  readonly genes: readonly string[];
  readonly reference: PanelReference;
  readonly query: IncompleteExpression;
  readonly truth: PanelTruth;
}

export async function panelSet(set: string, files: BenchmarkFiles, shared: string): Promise<PanelSet> {
  const { genes, counts, totals, chemistry } = await cellsOf(set, files, shared);
  const draw = mulberry32(7);
  const asked = Uint8Array.from(totals, (_, cell) => {
    const drawn = draw() < 0.5;
    return (set.endsWith('query 5p') ? chemistry?.[cell] === '5p' : drawn) ? 1 : 0;
  });
  const isHidden = Uint8Array.from(genes, (_, gene) => (gene % 2 === 0 ? 1 : 0));
  const cellsWhere = (value: number) => Int32Array.from(asked.keys()).filter((cell) => asked[cell] === value);
  const genesWhere = (value: number) =>
    Int32Array.from(genes.keys()).filter((gene) => isHidden[gene] === value);
  const part = async (cells: Int32Array, columns: Int32Array) =>
    IncompleteExpression.of(
      await inMemory(selectCells(selectGenes(counts, columns), cells)),
      Float64Array.from(cells, (cell) => totals[cell]),
    );
  const [reference, query] = [cellsWhere(0), cellsWhere(1)];
  const [visible, hidden] = [genesWhere(0), genesWhere(1)];
  return {
    genes,
    reference: { visible: await part(reference, visible), hidden: await part(reference, hidden) },
    query: await part(query, visible),
    truth: { reference: await part(reference, hidden), query: await part(query, hidden) },
  };
}
