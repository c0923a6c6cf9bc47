/** @file Fits an annotator to a labelled reference: fine-tuning, experts, and what held-out cells teach about both. */

import { prepareExpression } from '../../analysis/expression.ts';
import type { Grouping } from '../../analysis/groups.ts';
import { rejectionThreshold } from '../../analysis/rejection-threshold.ts';
import { expressionScores, fitExpressionExperts } from '../../analysis/stacking/expression-experts.ts';
import { fitPool, pool } from '../../analysis/stacking/log-linear-pool.ts';
import { noveltyScale, noveltyScores } from '../../analysis/stacking/novelty.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { selectCells, selectGenes } from '../../single-cell/preprocess/views.ts';
import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { count, plural } from '../../support/words.ts';
import type { RunRecord, TrainingOutcome } from '../../train/loop.ts';
import type { PreparedCells } from '../prepare.ts';
import {
  type Annotator,
  type AnnotatorGenes,
  type AnnotatorHead,
  bestTwo,
  type HeadName,
} from './annotator.ts';
import { splitByClass } from './class-shares.ts';
import { classify } from './classify.ts';
import { fineTune, type ResumedTraining, withClasses } from './fine-tuning.ts';
import { type CellsOverGenes, cellsOverGenes, genesOf, tokensOfGenes } from './gene-space.ts';
import type { AnnotateSettings } from './settings.ts';

/** A labelled reference. */
export interface Reference {
  readonly cells: PreparedCells;
  readonly names: readonly string[];
  /** The class of each cell, -1 for none. */
  readonly labels: Grouping;
  /** The broader class of each cell. */
  readonly parents?: Grouping | undefined;
  /** What messages call it. */
  readonly source: string;
}

/** How {@link fitAnnotator} runs. */
export interface FitOptions extends RunControl {
  readonly settings: AnnotateSettings;
  readonly head?: HeadName | undefined;
  /** Only genes that these cells have too are used. */
  readonly query?: PreparedCells | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  readonly record?: (() => Promise<RunRecord>) | undefined;
  readonly resume?: ResumedTraining | undefined;
  readonly logger?: Logger | undefined;
}

/** What held-out cells, which only the experts' weights have seen, were labelled by each method. */
export interface HeldOutLabels {
  readonly rows: Int32Array;
  /** True classes. */
  readonly labels: Int32Array;
  /** By method, probabilities. */
  readonly methods: readonly { readonly name: string; readonly probabilities: Float64Array }[]; // [cells, classes]
}

/** A fitted annotator and how it came about. */
export interface FittedAnnotator {
  readonly annotator: Annotator;
  readonly outcome: TrainingOutcome;
  readonly trainingCells: number;
  readonly heldOut: HeldOutLabels;
  /** Share of right held-out answers that thresholds keep, and of wrong ones that they reject. */
  readonly rejection: { readonly keptRight: number; readonly rejectedWrong: number };
}

/** Genes that experts see at most, those that vary most in the reference. */
const expertGenes = 2000;
/**
 * The pool before held-out cells are seen: scores of equal reach for the linear and the centroid expert were best over
 * references whose batches were held out in turn, see `docs/annotation.md`.
 */
const prior = { weights: [0.5, 1, 20], strength: 20 } as const;
/** Each threshold keeps this share of the right answers, so that both keep at least 95 %. */
const keep = 0.975;

/**
 * Fits an annotator.
 *
 * The model is fine-tuned on all but a held-out share of each class; experts learn from the same cells. Held-out cells
 * choose the epoch, weigh model and experts, calibrate and set thresholds. Experts then learn from all cells anew.
 *
 * @throws InputError when the reference has fewer than two classes or shares no gene with the query
 * @throws TrainingError, CancelledError
 */
export async function fitAnnotator(
  reference: Reference,
  model: LoadedModel,
  options: FitOptions,
): Promise<FittedAnnotator> {
  const { settings, head = 'stacked', logger = silent, ...control } = options;
  const { labels, names } = reference;
  checkClasses(labels, reference.source, logger);
  const { over, genes, expression } = await chooseGenes(reference, model, options);
  const { codes, groups: classes } = labels;
  const classCount = classes.length;
  const { training, heldOut } = splitByClass(codes, { share: settings.validationShare, seed: settings.seed });
  if (heldOut.length === 0) {
    logger.warning(
      'no cell can be held out: probabilities are not calibrated, and nothing is left unassigned',
    );
  }
  const device = await openDevice({ device: options.device ?? 'auto', threads: options.threads });
  const tokenIds = tokensOfGenes(genes.all, model.vocabulary).map((token, i) => (genes.read[i] ? token : -1));
  const start = withClasses(
    { config: model.config, vocabulary: model.vocabulary, parameters: await model.parameters() },
    classCount,
    settings,
  );
  const { model: tuned, outcome } = await fineTune(
    start,
    { matrix: over.values, names, tokenIds, codes, classCount, label: reference.source },
    { ...control, device, settings, training, heldOut },
  );
  const heldOutLabels = heldOut.map((row) => codes[row]);
  const heard = await hearHeldOut();
  const weights = await fitPool({ scores: heard, labels: heldOutLabels, classCount }, prior, control);
  const [alone] = await fitPool(
    { scores: [heard[0]], labels: heldOutLabels, classCount },
    { weights: [1], strength: 1 },
    control,
  );
  const pooled = pool(heard, weights, classCount);
  const aloneScores = pool([heard[0]], [alone], classCount);
  const judged = judge(head === 'stacked' ? pooled : aloneScores, heard[2], heldOutLabels, classCount);
  const labelled = Int32Array.from(codes.keys()).filter((row) => codes[row] >= 0);
  const experts = await fitExpressionExperts(
    await rowsOf(expression, labelled),
    labelled.map((row) => codes[row]),
    classCount,
    control,
  );
  const annotator: Annotator = {
    label: labels.name,
    classes,
    parents: parentsOf(reference, logger),
    model: tuned,
    genes,
    experts,
    head: { ...judged.head, name: head, weights: [weights[0], weights[1], weights[2]], alone },
    settings,
  };
  const methods = [
    { name: 'scGPT with experts on expression', probabilities: pooled.map(Math.exp) },
    { name: 'scGPT alone', probabilities: aloneScores.map(Math.exp) },
  ];
  return {
    annotator,
    outcome,
    trainingCells: training.length,
    heldOut: { rows: heldOut, labels: heldOutLabels, methods },
    rejection: judged.rejection,
  };

  /** Scores of the held-out cells by model, linear and centroid expert, none of which has learnt from them. */
  async function hearHeldOut(): Promise<[Float64Array, Float64Array, Float64Array]> {
    if (heldOut.length === 0) return [new Float64Array(0), new Float64Array(0), new Float64Array(0)];
    const trained = await fitExpressionExperts(
      await rowsOf(expression, training),
      training.map((row) => codes[row]),
      classCount,
      control,
    );
    const { linear, centroid } = await expressionScores(trained, await rowsOf(expression, heldOut));
    const { logProbabilities } = await classify(
      device,
      tuned,
      {
        matrix: selectCells(over.values, heldOut),
        names: Array.from(heldOut, (row) => names[row]),
        tokenIds,
      },
      { ...control, seed: settings.seed },
    );
    return [logProbabilities.map((value) => (Number.isNaN(value) ? 0 : value)), linear, centroid];
  }
}

function checkClasses({ name, groups, codes }: Grouping, where: string, logger: Logger): void {
  if (groups.length < 2) {
    throw new InputError({
      what: `the reference has one class of ${name}: ${groups[0]}`,
      where,
      expected: 'at least two classes to tell apart',
      advice: 'Choose another column with --label, or add cells of other classes',
      reason: 'one_class',
    });
  }
  const sizes = new Int32Array(groups.length);
  for (const code of codes) if (code >= 0) sizes[code]++;
  const single = groups.filter((_, code) => sizes[code] === 1);
  if (single.length > 0) {
    logger.warning(
      `${plural(single.length, 'class', 'classes')} of one cell cannot be checked on held-out cells, and one cell is little to learn from: ${single.join(', ')}`,
    );
  }
}

/** The genes that count, and the reference over them. */
async function chooseGenes(
  { cells }: Reference,
  { vocabulary }: LoadedModel,
  { query, settings, logger = silent, ...control }: FitOptions,
): Promise<{
  readonly over: CellsOverGenes;
  readonly genes: AnnotatorGenes;
  readonly expression: CsrMatrix;
}> {
  const all = genesOf(cells, vocabulary, query);
  logger.info(`${count(all.length)} genes${query === undefined ? '' : ' are in reference and query'}`);
  const over = await cellsOverGenes(cells, all, vocabulary, control);
  const { genes: panel } = await prepareExpression(over.values, {
    scale: over.scale,
    genes: expertGenes,
    ...control,
  });
  const { genes: varying } = await prepareExpression(over.values, {
    scale: over.scale,
    genes: settings.genes,
    ...control,
  });
  const read = new Uint8Array(all.length);
  for (const gene of varying) read[gene] = 1;
  return {
    over,
    genes: { all, shares: await countShares(over.values), panel, read },
    expression: await inMemory(selectGenes(over.logged, panel), control),
  };
}

/** Mean share of each gene in a cell's total. */
async function countShares(matrix: Matrix): Promise<Float32Array> {
  const [cellCount, geneCount] = matrix.shape;
  const shares = new Float64Array(geneCount);
  const atOnce = 256;
  for (let start = 0; start < cellCount; start += atOnce) {
    const block = await matrix.rows(start, Math.min(cellCount, start + atOnce));
    for (let row = 0; row < block.rowCount; row++) {
      const [from, to] = [block.indptr[row], block.indptr[row + 1]];
      let total = 0;
      for (let i = from; i < to; i++) total += block.values[i];
      if (total > 0) for (let i = from; i < to; i++) shares[block.indices[i]] += block.values[i] / total;
    }
  }
  return Float32Array.from(shares, (share) => share / cellCount);
}

function rowsOf(matrix: CsrMatrix, rows: Int32Array): Promise<CsrMatrix> {
  return inMemory(selectCells(matrix, rows));
}

/** Thresholds and the scale of novelty, from held-out cells. */
function judge(
  scores: Float64Array, // [cells, classes], log probabilities
  centroid: Float64Array, // [cells, classes]
  labels: Int32Array,
  classCount: number,
): {
  readonly head: Pick<AnnotatorHead, 'threshold' | 'noveltyThreshold' | 'novelty'>;
  readonly rejection: FittedAnnotator['rejection'];
} {
  const { codes } = bestTwo(scores, classCount, new Uint8Array(labels.length).fill(1));
  const correct = Uint8Array.from(labels, (label, cell) => (codes[cell] === label ? 1 : 0));
  const confidence = Float64Array.from(codes, (code, cell) => Math.exp(scores[cell * classCount + code]));
  const novelty = noveltyScale(centroid, labels, classCount);
  const strangeness = noveltyScores(novelty, centroid, codes, classCount);
  const { threshold } = rejectionThreshold({ confidence, correct }, keep);
  const likeness = rejectionThreshold({ confidence: strangeness.map((value) => -value), correct }, keep);
  const kept = Uint8Array.from(confidence, (value, cell) =>
    value >= threshold && -strangeness[cell] >= likeness.threshold ? 1 : 0,
  );
  const share = (right: number, wanted: number) => {
    const some = correct.filter((value) => value === right).length;
    return correct.filter((value, cell) => value === right && kept[cell] === wanted).length / some;
  };
  return {
    head: { threshold: Math.max(0, threshold), noveltyThreshold: -likeness.threshold, novelty },
    rejection: { keptRight: share(1, 1), rejectedWrong: share(0, 0) },
  };
}

/** The parent of each class: that of most of its cells; told where cells of a class disagree. */
function parentsOf({ labels, parents }: Reference, logger: Logger): Annotator['parents'] {
  if (parents === undefined) return null;
  const of = labels.groups.map((name, code) => {
    const votes = new Map<number, number>();
    labels.codes.forEach((own, cell) => {
      const parent = parents.codes[cell];
      if (own === code && parent >= 0) votes.set(parent, (votes.get(parent) ?? 0) + 1);
    });
    const ranked = [...votes].sort((a, b) => b[1] - a[1]);
    if (ranked.length > 1) {
      logger.warning(
        `cells of '${name}' have several ${parents.name}: ${ranked.map(([parent, cells]) => `${parents.groups[parent]} (${cells})`).join(', ')}; the first counts`,
      );
    }
    return ranked.length === 0 ? name : parents.groups[ranked[0][0]];
  });
  return { label: parents.name, of };
}
