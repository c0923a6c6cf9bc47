/** @file A CHETAH-style annotator: down a tree of classes, stopping where neither branch fits better. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { type BranchPoint, Candidate, turn } from './branch-point.ts';
import { meanProfiles } from './centroids.ts';
import { type ClassTree, classTree } from './class-tree.ts';
import type { Classifier, ClassScores, LabelledExpression } from './classifier.ts';
import { entriesOf } from './features.ts';

export interface HierarchyOptions {
  /** Cells stop where the confidence is lower, 0 .. 2. Default 0.1, CHETAH's. */
  readonly threshold?: number | undefined;
}

/** Labels, and for cells without one how far they came. */
export interface HierarchicalScores extends ClassScores {
  /** Names of the classes left where a cell stopped, all of them at the root; null for cells with a label. */
  readonly stoppedAt: readonly (readonly string[] | null)[]; // [cells]
}

export interface HierarchicalClassifier extends Classifier {
  readonly tree: ClassTree;
  predict(expression: CsrMatrix, control?: RunControl): Promise<HierarchicalScores>;
}

/**
 * After CHETAH (de Kanter et al. 2019). Classes form a binary tree by their mean profiles. At a branch point each class
 * has the 200 genes by which it differs most from the mean of the other branch; a cell's Spearman correlation with the
 * class's profile over these is compared with those of the class's own reference cells and of cells across, which gives
 * the profile score. The cell follows the highest; the confidence is by how much that exceeds the mean score across. A
 * cell stops at the first branch point where this is below the threshold: its code is -1.
 *
 * Cells go on to a leaf for their scores: that class's is the lowest confidence on the way, which is the confidence
 * returned; any other class's is minus the lowest until the ways part. A reference of one class gives every cell that
 * class with score 0. A class of one cell is seldom found, because no other cell correlates as well with its profile.
 */
export function hierarchical({ threshold = 0.1 }: HierarchyOptions = {}) {
  return async (reference: LabelledExpression, control?: RunControl): Promise<HierarchicalClassifier> => {
    const { classes, expression, labels } = reference;
    const entries = await entriesOf(expression);
    const profiles = await classProfiles(reference);
    const tree = classTree(profiles);
    const points = branchPoints(tree, profiles);
    await learnCorrelations(points, entries, labels, classes.length, control);
    return {
      method: 'Hierarchical (CHETAH-style)',
      classes,
      probabilistic: false,
      tree,
      predict: async (query, queryControl) =>
        followAll({ tree, points, classes, threshold }, await entriesOf(query), queryControl),
    };
  };
}

/** Mean log expression of each class. */
async function classProfiles({ expression, labels, classes }: LabelledExpression): Promise<Float64Array[]> {
  const genes = expression.shape[1];
  const unscaled = { matrix: expression, origin: new Float64Array(genes) };
  const profiles = await meanProfiles(unscaled, labels, classes.length);
  return classes.map((_, code) => profiles.subarray(code * genes, (code + 1) * genes));
}

/** What is known at the branch points of a tree. */
type BranchPoints = ReadonlyMap<ClassTree, BranchPoint>;

function branchPoints(tree: ClassTree, profiles: readonly Float64Array[]): BranchPoints {
  if (tree.branches === null) return new Map();
  const [left, right] = tree.branches;
  const side = (own: ClassTree, other: ClassTree) => {
    const opposite = meanOf(Array.from(other.classes, (code) => profiles[code]));
    return Array.from(own.classes, (code) => new Candidate(code, profiles[code], opposite));
  };
  return new Map<ClassTree, BranchPoint>([
    [tree, [side(left, right), side(right, left)]],
    ...branchPoints(left, profiles),
    ...branchPoints(right, profiles),
  ]);
}

function meanOf(profiles: readonly Float64Array[]): Float64Array {
  return profiles[0].map(
    (_, gene) => profiles.reduce((sum, profile) => sum + profile[gene], 0) / profiles.length,
  );
}

/** Shows every candidate its class's own reference cells and those across its branch point. */
async function learnCorrelations(
  points: BranchPoints,
  entries: SparseRows,
  labels: Int32Array,
  classCount: number,
  control?: RunControl,
): Promise<void> {
  const cells = cellsOfClasses(labels, classCount);
  const row = new Float32Array(entries.columnCount);
  let done = 0;
  for (const sides of points.values()) {
    for (const which of [0, 1]) {
      const across = sides[1 - which].flatMap(({ code }) => cells[code]);
      for (const candidate of sides[which]) {
        await pause(control);
        const correlate = (cell: number) => candidate.correlation(unpack(entries, cell, row));
        candidate.learn(cells[candidate.code].map(correlate), across.map(correlate));
      }
    }
    done++;
    control?.onProgress?.({
      stage: 'fitting tree of classes',
      done,
      total: points.size,
      unit: 'branch points',
    });
  }
}

function cellsOfClasses(labels: Int32Array, classCount: number): number[][] {
  const cells: number[][] = Array.from({ length: classCount }, () => []);
  labels.forEach((label, cell) => {
    cells[label].push(cell);
  });
  return cells;
}

/** A fitted tree. */
interface Fitted {
  readonly tree: ClassTree;
  readonly points: BranchPoints;
  readonly classes: readonly string[];
  readonly threshold: number;
}

async function followAll(
  fitted: Fitted,
  entries: SparseRows,
  control?: RunControl,
): Promise<HierarchicalScores> {
  const { rowCount: total, columnCount } = entries;
  const classCount = fitted.classes.length;
  const scores = new Float32Array(total * classCount);
  const codes = new Int32Array(total);
  const confidence = new Float32Array(total);
  const stoppedAt: (readonly string[] | null)[] = [];
  const row = new Float32Array(columnCount);
  for (let cell = 0; cell < total; cell++) {
    await pause(control);
    const ofCell = scores.subarray(cell * classCount, (cell + 1) * classCount);
    const { leaf, stop } = follow(fitted, unpack(entries, cell, row), ofCell);
    codes[cell] = stop === null ? leaf : -1;
    confidence[cell] = ofCell[leaf];
    stoppedAt.push(stop === null ? null : Array.from(stop.classes, (code) => fitted.classes[code]));
    if (cell % 256 === 255 || cell === total - 1)
      control?.onProgress?.({ stage: 'labelling cells', done: cell + 1, total, unit: 'cells' });
  }
  return { scores, codes, confidence, stoppedAt };
}

/** Follows one cell down to a leaf and fills in its scores; `stop` is the first branch point it was not sure at. */
function follow(
  { tree, points, threshold }: Fitted,
  cell: Float32Array,
  scores: Float32Array,
): { leaf: number; stop: ClassTree | null } {
  let place = tree;
  let stop: ClassTree | null = null;
  let lowest = Number.POSITIVE_INFINITY;
  while (place.branches !== null) {
    const { branch, confidence } = turn(points.get(place)!, cell);
    if (confidence < threshold) stop ??= place;
    lowest = Math.min(lowest, confidence);
    for (const code of place.branches[1 - branch].classes) scores[code] = -lowest;
    place = place.branches[branch];
  }
  const [leaf] = place.classes;
  scores[leaf] = Number.isFinite(lowest) ? lowest : 0;
  return { leaf, stop };
}

/** A cell's values of all genes, in `row`. */
function unpack({ indptr, indices, values }: SparseRows, cell: number, row: Float32Array): Float32Array {
  row.fill(0);
  for (let i = indptr[cell]; i < indptr[cell + 1]; i++) row[indices[i]] = values[i];
  return row;
}

async function pause(control?: RunControl): Promise<void> {
  await breathe();
  if (control?.signal?.aborted === true)
    throw new CancelledError({ what: 'stopped while labelling cells by a tree of classes' });
}
