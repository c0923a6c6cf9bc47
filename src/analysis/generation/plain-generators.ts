/** @file The ways to generate cells that stand beside a model: means, copies, neighbours, few directions. */

import { cellsOf } from '../groups.ts';
import type { IncompleteExpression } from '../imputation/incomplete-expression.ts';
import { nearestRates } from '../imputation/nearest-cells.ts';
import { poisson } from './count-draws.ts';
import { decodedGenerator } from './decoded-cells.ts';
import type { CellGenerator } from './population.ts';

/** Shares of counts that genes have in some cells, all alike where no list is given. */
function sharesOf({ rows, genes, totals, cells }: IncompleteExpression, members?: Int32Array): Float64Array {
  const shares = new Float64Array(genes);
  const some = members ?? Int32Array.from({ length: cells }, (_, cell) => cell);
  const all = some.reduce((sum, cell) => sum + totals[cell], 0);
  for (const cell of some) {
    for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++)
      shares[rows.indices[i]] += rows.values[i] / all;
  }
  return shares;
}

/** Poisson counts around the mean of all cells, whatever the kind: what anyone would say without looking. */
export const meanCells: CellGenerator = {
  id: 'gene-mean',
  name: 'gene mean',
  about: 'Poisson counts around the mean of all cells',
  async fit({ expression, kinds }) {
    const shares = sharesOf(expression);
    const members = kinds.groups.map((_, kind) => cellsOf(kinds, kind));
    return (kind, random, into) => {
      const total = expression.totals[members[kind][random.integer(members[kind].length)]];
      for (let gene = 0; gene < into.length; gene++) into[gene] = poisson(random, shares[gene] * total);
    };
  },
};

/** Poisson counts around the mean of the kind. */
export const kindMeanCells: CellGenerator = {
  id: 'kind-mean',
  name: 'mean of the kind',
  about: 'Poisson counts around the mean of the training cells of the kind',
  async fit({ expression, kinds }) {
    const members = kinds.groups.map((_, kind) => cellsOf(kinds, kind));
    const shares = members.map((some) => sharesOf(expression, some));
    return (kind, random, into) => {
      const total = expression.totals[members[kind][random.integer(members[kind].length)]];
      for (let gene = 0; gene < into.length; gene++) into[gene] = poisson(random, shares[kind][gene] * total);
    };
  },
};

/** Poisson counts around a training cell of the kind and those like it, of whatever kind. */
export const nearestCellsResample = (k: number): CellGenerator => ({
  id: 'knn-resample',
  name: `kNN resample (k=${k}, 30 PCs)`,
  about: `Poisson counts around a training cell of the kind and the ${k} cells nearest to it`,
  async fit({ expression, kinds }, control) {
    const rates = await nearestRates(expression, Math.min(k, expression.cells - 1), control);
    const members = kinds.groups.map((_, kind) => cellsOf(kinds, kind));
    return (kind, random, into) => {
      rates(members[kind][random.integer(members[kind].length)], into);
      for (let gene = 0; gene < into.length; gene++) into[gene] = poisson(random, into[gene]);
    };
  },
});

/** What the model's generation is, with principal components in the place of its embedding. */
export const componentCells: CellGenerator = decodedGenerator(
  {
    id: 'low-rank',
    name: 'low rank (30 PCs)',
    about:
      'drawn and decoded as by the model, from principal components of expression in the place of its embedding',
  },
  ({ expression }, control) => expression.components(control),
);

/** Training cells of the kind as they are, nothing generated: what is left to chance between two samples of the same cells. */
export const copiedCells: CellGenerator = {
  id: 'copies',
  name: 'training cells themselves',
  about: 'copies: how alike two samples of the same cells are; smoothing can do better where cells are few',
  async fit({ expression: { rows }, kinds }) {
    const members = kinds.groups.map((_, kind) => cellsOf(kinds, kind));
    return (kind, random, into) => {
      const cell = members[kind][random.integer(members[kind].length)];
      into.fill(0);
      for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) into[rows.indices[i]] = rows.values[i];
    };
  },
};

/** The simplest first. */
export const plainGenerators: readonly CellGenerator[] = [
  meanCells,
  kindMeanCells,
  nearestCellsResample(15),
  componentCells,
  copiedCells,
];
