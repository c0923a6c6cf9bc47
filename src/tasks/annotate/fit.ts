/** @file Fits an annotator to a labelled reference: fine-tuning, experts, and what held-out cells teach about both. */

import { entriesOf } from '../../analysis/classifiers/features.ts';
import { type Grouping, groupSizes } from '../../analysis/groups.ts';
import {
  type ExpressionExperts,
  expressionScores,
  fitExpressionExperts,
  ownCorrelations,
} from '../../analysis/stacking/expression-experts.ts';
import { fitPool, pool } from '../../analysis/stacking/log-linear-pool.ts';
import { type NoveltyScale, noveltyScale, noveltyScores } from '../../analysis/stacking/novelty.ts';
import { sharedNovelty } from '../../analysis/stacking/shared-novelty.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import type { RunRecord, TrainingOutcome } from '../../train/loop.ts';
import type { ResumedTraining } from '../fine-tuning/run-folder.ts';
import type { PreparedCells } from '../prepare.ts';
import type { Annotator, HeadName } from './annotator.ts';
import { chooseGenes } from './choose-genes.ts';
import { splitByClass } from './class-shares.ts';
import { classify } from './classify.ts';
import { fineTune, withClasses } from './fine-tuning.ts';
import { tokensOfGenes } from './gene-space.ts';
import { parentsOf } from './hierarchy.ts';
import type { AnnotateSettings } from './settings.ts';
import { chooseThresholds, type HeldOutRejection } from './thresholds.ts';

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
  readonly rejection: HeldOutRejection;
}

/**
 * The pool before held-out cells are seen: scores of equal reach for the linear and the centroid expert were best over
 * references whose batches were held out in turn, see `docs/annotation.md`.
 */
const prior = { weights: [0.5, 1, 20], strength: 20 } as const;

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
  const { settings, head = 'stacked', logger = silent, query, ...control } = options;
  const { labels, names } = reference;
  const { codes, groups: classes } = labels;
  const classCount = classes.length;
  checkClasses(labels, reference.source, logger);
  const choice = { ...control, query, genes: settings.genes, logger };
  const { over, genes, expression } = await chooseGenes(reference.cells, model.vocabulary, choice);
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
  const { logProbabilities } = await classify(
    device,
    tuned,
    { matrix: selectCells(over.values, heldOut), names: Array.from(heldOut, (row) => names[row]), tokenIds },
    { ...control, seed: settings.seed },
  );
  const trained = await learnExpression(expression, training, codes, classCount, control);
  const heldOutExpression = await rowsOf(expression, heldOut);
  const { linear, centroid } = await expressionScores(trained.experts, heldOutExpression);
  const heard = [logProbabilities.map((value) => (Number.isNaN(value) ? 0 : value)), linear, centroid];
  const weights = await fitPool({ scores: heard, labels: heldOutLabels, classCount }, prior, control);
  const [alone] = await fitPool(
    { scores: [heard[0]], labels: heldOutLabels, classCount },
    { weights: [1], strength: 1 },
    control,
  );
  const pooled = pool(heard, weights, classCount);
  const aloneScores = pool([heard[0]], [alone], classCount);
  const judged = {
    entries: await entriesOf(heldOutExpression),
    correlations: await ownCorrelations(trained.experts, heldOutExpression),
  };
  const { thresholds, rejection } = await chooseThresholds(
    head === 'stacked' ? pooled : aloneScores,
    (given) =>
      sharedNovelty(device, heldOutExpression, noveltyScores(trained.novelty, judged, given), control),
    heldOutLabels,
    classCount,
  );
  const labelled = Int32Array.from(codes.keys()).filter((row) => codes[row] >= 0);
  const { experts, novelty } = await learnExpression(expression, labelled, codes, classCount, control);
  const probabilities = (name: string, logarithms: Float64Array) => ({
    name,
    probabilities: logarithms.map(Math.exp),
  });
  return {
    annotator: {
      label: labels.name,
      classes,
      parents: reference.parents === undefined ? null : parentsOf(labels, reference.parents, logger),
      model: tuned,
      genes,
      experts,
      head: { ...thresholds, name: head, weights: [weights[0], weights[1], weights[2]], alone, novelty },
      settings,
    },
    outcome,
    trainingCells: training.length,
    heldOut: {
      rows: heldOut,
      labels: heldOutLabels,
      methods: [
        probabilities('scGPT with experts on expression', pooled),
        probabilities('scGPT alone', aloneScores),
        probabilities('Logistic regression expert', linear),
        probabilities('Nearest centroid expert', pool([centroid], [prior.weights[2]], classCount)),
      ],
    },
    rejection,
  };
}

/** Experts and the scale of novelty, learnt from some cells. */
async function learnExpression(
  expression: CsrMatrix,
  rows: Int32Array,
  codes: Int32Array,
  classCount: number,
  control: RunControl,
): Promise<{ readonly experts: ExpressionExperts; readonly novelty: NoveltyScale }> {
  const cells = await rowsOf(expression, rows);
  const labels = rows.map((row) => codes[row]);
  const experts = await fitExpressionExperts(cells, labels, classCount, control);
  const correlations = await ownCorrelations(experts, cells);
  const novelty = noveltyScale({ entries: await entriesOf(cells), correlations }, labels, classCount);
  return { experts, novelty };
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
  const sizes = groupSizes(codes, groups.length);
  const single = groups.filter((_, code) => sizes[code] === 1);
  if (single.length > 0) {
    logger.warning(
      `${plural(single.length, 'class', 'classes')} of one cell cannot be checked on held-out cells, and one cell is little to learn from: ${single.join(', ')}`,
    );
  }
}

function rowsOf(matrix: CsrMatrix, rows: Int32Array): Promise<CsrMatrix> {
  return inMemory(selectCells(matrix, rows));
}
