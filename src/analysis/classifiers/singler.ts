/** @file SingleR: the class whose reference cells a cell's genes are ranked most like. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { median, quantile } from '../../single-cell/quantile.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { FitClassifier } from './classifier.ts';
import { type PairwiseMarkers, pairwiseMarkers } from './pairwise-markers.ts';
import { rankVector } from './rank-vectors.ts';

/** A class's score is this quantile of the correlations with its cells. */
const scoreQuantile = 0.8;
/** Classes this near to the best are told apart once more. */
const nearBest = 0.05;
/** Rankings of references kept for sets of classes that come again. */
const keptSets = 40;

/**
 * SingleR (Aran et al. 2019) with its defaults: genes are the `classic` markers of any two classes, a class's score is
 * the 0.8 quantile of a cell's Spearman correlations with its reference cells, and classes within 0.05 of the best are
 * scored again on their own markers, until one is left or none falls away. Scores are those of the first round, the
 * confidence the highest less the median score. A reference of one class gives every cell that class with score 0, as
 * do classes without markers.
 *
 * Every query cell is compared with every reference cell: 20 million comparisons take about half a minute.
 */
export const singleR: FitClassifier = async ({ expression, labels, classes }) => {
  const markers = await pairwiseMarkers(expression, labels, classes.length);
  const reference = new RankedReference(await denseOf(expression), labels, markers);
  return {
    method: 'SingleR (classic)',
    classes,
    probabilistic: false,
    async predict(query, control) {
      const cells = query.shape[0];
      const scores = new Float32Array(cells * classes.length);
      const codes = new Int32Array(cells);
      const confidence = new Float32Array(cells);
      const values = await denseOf(query);
      const all = Int32Array.from(classes.keys());
      for (let cell = 0; cell < cells; cell++) {
        const row = values.subarray(cell * query.shape[1], (cell + 1) * query.shape[1]);
        const first = reference.score(row, all);
        scores.set(first, cell * classes.length);
        codes[cell] = fineTuned(reference, row, all, first);
        confidence[cell] = Math.max(...first) - median(first);
        if (cell % 64 !== 0) continue;
        await breathe();
        if (control?.signal?.aborted === true)
          throw new CancelledError({ what: 'stopped while labelling cells' });
        control?.onProgress?.({ stage: 'labelling cells', done: cell, total: cells, unit: 'cells' });
      }
      return { scores, codes, confidence };
    },
  };
};

/** Narrows the classes down until one is left or none falls away. */
function fineTuned(
  reference: RankedReference,
  cell: Float32Array,
  classes: Int32Array,
  scores: Float64Array,
): number {
  const best = Math.max(...scores);
  const left = classes.filter((_, i) => scores[i] > best - nearBest);
  if (left.length === 1 || left.length === classes.length) return classes[scores.indexOf(best)];
  return fineTuned(reference, cell, left, reference.score(cell, left));
}

/** Reference cells as ranks over the markers of some classes. */
interface Ranking {
  readonly genes: Int32Array;
  /** Of the cells of each class in turn. */
  readonly ranks: readonly Float32Array[]; // [classes][cells of the class, genes]
}

class RankedReference {
  private readonly values: Float32Array; // [cells, genes]
  private readonly geneCount: number;
  private readonly cellsOf: readonly Int32Array[]; // [classes]
  private readonly markers: PairwiseMarkers;
  private readonly kept = new Map<string, Ranking>();

  constructor(values: Float32Array, labels: Int32Array, markers: PairwiseMarkers) {
    this.values = values;
    this.geneCount = values.length / Math.max(1, labels.length);
    this.markers = markers;
    this.cellsOf = markers.map((_, code) =>
      Int32Array.from(labels.keys()).filter((cell) => labels[cell] === code),
    );
  }

  /** Scores of some classes. */
  score(cell: Float32Array, classes: Int32Array): Float64Array {
    const { genes, ranks } = this.ranking(classes);
    const own = new Float32Array(genes.length);
    rankVector(
      Float32Array.from(genes, (gene) => cell[gene]),
      own,
    );
    return Float64Array.from(ranks, (ofClass) => {
      const sorted = products(own, ofClass).sort();
      return quantile(sorted, sorted.length, scoreQuantile);
    });
  }

  private ranking(classes: Int32Array): Ranking {
    const key = classes.join();
    const found = this.kept.get(key);
    if (found !== undefined) return found;
    const union = new Set<number>();
    for (const a of classes) for (const b of classes) for (const gene of this.markers[a][b]) union.add(gene);
    const genes = Int32Array.from(union).sort();
    const ranks = Array.from(classes, (code) => this.ranksOf(this.cellsOf[code], genes));
    if (this.kept.size >= keptSets) this.kept.delete([...this.kept.keys()][1] ?? key); // the first is of all classes
    this.kept.set(key, { genes, ranks });
    return { genes, ranks };
  }

  private ranksOf(cells: Int32Array, genes: Int32Array): Float32Array {
    const ranks = new Float32Array(cells.length * genes.length);
    cells.forEach((cell, i) => {
      const first = cell * this.geneCount;
      rankVector(
        Float32Array.from(genes, (gene) => this.values[first + gene]),
        ranks.subarray(i * genes.length, (i + 1) * genes.length),
      );
    });
    return ranks;
  }
}

/** Products of a vector with each row; 0 of no genes. Four rows at a time do not wait for one another's sums. */
function products(own: Float32Array, rows: Float32Array): Float64Array {
  const width = own.length;
  if (width === 0) return new Float64Array(1);
  const count = rows.length / width;
  const found = new Float64Array(count);
  for (let row = 0; row < count; row += 4) {
    const first = row * width;
    const second = Math.min(row + 1, count - 1) * width;
    const third = Math.min(row + 2, count - 1) * width;
    const fourth = Math.min(row + 3, count - 1) * width;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < width; i++) {
      const value = own[i];
      a += value * rows[first + i];
      b += value * rows[second + i];
      c += value * rows[third + i];
      d += value * rows[fourth + i];
    }
    found[row] = a;
    // writes past the end of a typed array are dropped
    found[row + 1] = b;
    found[row + 2] = c;
    found[row + 3] = d;
  }
  return found;
}

async function denseOf(matrix: CsrMatrix): Promise<Float32Array> {
  const [cells, genes] = matrix.shape;
  const dense = new Float32Array(cells * genes);
  const { rowCount, indptr, indices, values } = await matrix.rows(0, cells);
  for (let row = 0; row < rowCount; row++) {
    for (let i = indptr[row]; i < indptr[row + 1]; i++) dense[row * genes + indices[i]] = values[i];
  }
  return dense;
}
