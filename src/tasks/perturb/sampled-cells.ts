/** @file Single cells as a predicted change makes them out of control cells: means as predicted, zeros kept. */

import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import { randomStream } from '../../support/random.ts';
import type { ControlCells } from './perturbation-model.ts';
import type { ScreenData } from './screen-data.ts';

/** Control cells that are kept of each context: enough for a distribution of each gene. */
const keptOfContext = 200;

/** A sample of the control cells of each context. */
export async function sampledControls(
  { strata, contextOf, contexts, logged }: ScreenData,
  seed: number,
): Promise<ControlCells> {
  const rows: number[] = [];
  const context: number[] = [];
  for (const place of contexts.keys()) {
    const all = strata.flatMap(({ control }, stratum) => (contextOf[stratum] === place ? [...control] : []));
    const drawn = randomStream(seed, 'control cells', place).sample(
      all.length,
      Math.min(all.length, keptOfContext),
    );
    for (const i of [...drawn].sort((a, b) => a - b)) {
      rows.push(all[i]);
      context.push(place);
    }
  }
  const order = [...rows.keys()].sort((a, b) => rows[a] - rows[b]);
  return {
    logged: await inMemory(
      selectCells(
        logged,
        Int32Array.from(order, (i) => rows[i]),
      ),
    ),
    context: Int32Array.from(order, (i) => context[i]),
  };
}

/** Mean and spread of a gene over cells. */
export interface GeneSpread {
  readonly deviation: Float64Array; // [genes]
  /** Share of cells that express the gene. */
  readonly expressed: Float64Array; // [genes]
}

/** How a gene's values become those of perturbed cells. */
interface Shift {
  /** Share of expressing cells that keep expressing. */
  readonly kept: number;
  /** Share of silent cells that begin to express, at a value that expressing control cells have. */
  readonly begun: number;
  /** What values of expressing cells are multiplied by. */
  readonly factor: number;
}

/**
 * Moves the mean of a gene by moving the share of cells that express it, and only where that reaches all cells, by
 * raising values: as single-cell counts change. Values stay those of real cells, zeros stay common.
 *
 * @param mean of control cells, and `target` of perturbed ones; below 0 counts as 0
 */
export function shiftOf(mean: number, expressed: number, target: number): Shift {
  const wanted = Math.max(0, target);
  if (mean <= 0 || expressed <= 0) return { kept: 1, begun: 0, factor: 1 };
  if (wanted <= mean) return { kept: wanted / mean, begun: 0, factor: 1 };
  const share = Math.min(1, (expressed * wanted) / mean);
  const begun = expressed < 1 ? (share - expressed) / (1 - expressed) : 0;
  return { kept: 1, begun, factor: wanted / ((mean / expressed) * share) };
}

/** Columns of a matrix: the cells that express a gene and their values. */
interface Columns {
  readonly cells: number;
  readonly values: readonly (readonly number[])[]; // [genes][expressing cells]
}

async function columnsOf(logged: CsrMatrix, rows: Int32Array): Promise<Columns> {
  const block = await logged.rows(0, logged.shape[0]);
  const values: number[][] = Array.from({ length: logged.shape[1] }, () => []);
  for (const row of rows) {
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
      if (block.values[i] > 0) values[block.indices[i]].push(block.values[i]);
    }
  }
  return { cells: rows.length, values };
}

/** Spread of each gene among perturbed cells, by {@link shiftOf}, without drawing any. */
export async function predictedSpread(
  { logged, context }: ControlCells,
  place: number,
  control: Float64Array, // [genes]
  change: Float64Array, // [genes]
): Promise<GeneSpread> {
  const rows = rowsOf(context, place);
  const { cells, values } = await columnsOf(logged, rows);
  const deviation = new Float64Array(change.length);
  const expressed = new Float64Array(change.length);
  values.forEach((ofGene, gene) => {
    const share = ofGene.length / cells;
    const shift = shiftOf(control[gene], share, control[gene] + change[gene]);
    const mean = ofGene.reduce((sum, value) => sum + value, 0) / Math.max(1, ofGene.length);
    const square = ofGene.reduce((sum, value) => sum + value * value, 0) / Math.max(1, ofGene.length);
    const now = share * shift.kept + (1 - share) * shift.begun;
    expressed[gene] = now;
    const first = now * shift.factor * mean;
    deviation[gene] = Math.sqrt(Math.max(0, now * shift.factor ** 2 * square - first * first));
  });
  return { deviation, expressed };
}

const rowsOf = (context: Int32Array, place: number): Int32Array =>
  Int32Array.from(context.keys()).filter((row) => place < 0 || context[row] === place);

/**
 * Draws perturbed cells out of control cells.
 *
 * @param count cells to draw; control cells are taken in turn
 */
export async function sampleCells(
  { logged, context }: ControlCells,
  place: number,
  { control, change }: { readonly control: Float64Array; readonly change: Float64Array },
  count: number,
  key: { readonly seed: number; readonly name: string },
): Promise<CsrMatrix> {
  const rows = rowsOf(context, place);
  const columns = await columnsOf(logged, rows);
  const block = await logged.rows(0, logged.shape[0]);
  const shifts = columns.values.map((ofGene, gene) =>
    shiftOf(control[gene], ofGene.length / columns.cells, control[gene] + change[gene]),
  );
  const indptr = new Float64Array(count + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let cell = 0; cell < count; cell++) {
    const random = randomStream(key.seed, 'perturbed cell', key.name, cell);
    const row = rows[cell % rows.length];
    let at = block.indptr[row];
    for (let gene = 0; gene < change.length; gene++) {
      const own = at < block.indptr[row + 1] && block.indices[at] === gene ? Number(block.values[at++]) : 0;
      const { kept, begun, factor } = shifts[gene];
      if (own > 0 ? kept < 1 && random.uniform() >= kept : begun === 0 || random.uniform() >= begun) continue;
      const ofGene = columns.values[gene];
      indices.push(gene);
      values.push(factor * (own > 0 ? own : ofGene[random.integer(ofGene.length)]));
    }
    indptr[cell + 1] = indices.length;
  }
  return new CsrMatrix([count, change.length], {
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  });
}
