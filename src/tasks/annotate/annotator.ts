/** @file A fitted annotator: a fine-tuned model, experts on expression, and how their word becomes a label. */

import { entriesOf } from '../../analysis/classifiers/features.ts';
import type { ExpressionExperts } from '../../analysis/stacking/expression-experts.ts';
import { expressionScores, ownCorrelations } from '../../analysis/stacking/expression-experts.ts';
import { pool } from '../../analysis/stacking/log-linear-pool.ts';
import type { NoveltyScale } from '../../analysis/stacking/novelty.ts';
import { noveltyScores } from '../../analysis/stacking/novelty.ts';
import { sharedNovelty } from '../../analysis/stacking/shared-novelty.ts';
import type { Model } from '../../model/folder-content.ts';
import type { DeviceName } from '../../runtime/device.ts';
import { type Device, openDevice } from '../../runtime/device.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectGenes } from '../../single-cell/preprocess/views.ts';
import { median } from '../../single-cell/quantile.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { count } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import { bestTwo } from './best-two.ts';
import { type Classified, classify } from './classify.ts';
import { cellsOverGenes, type GeneList, tokensOfGenes } from './gene-space.ts';
import type { AnnotateSettings } from './settings.ts';

/** Who is heard: the fine-tuned model together with experts on expression, or the model alone. */
export type HeadName = 'stacked' | 'scgpt';

/** The genes of an annotator. */
export interface AnnotatorGenes {
  /** Totals are over these. */
  readonly all: GeneList;
  /** Mean share of each in a reference cell's total. */
  readonly shares: Float32Array; // [all]
  /** Those that experts see, as places in `all`, ascending. */
  readonly panel: Int32Array;
  /** 1 for those that the model reads. */
  readonly read: Uint8Array; // [all]
}

/** How scores become labels; learnt on held-out reference cells. */
export interface AnnotatorHead {
  readonly name: HeadName;
  /** Of the model, the linear and the centroid expert in the pool. */
  readonly weights: readonly [scgpt: number, linear: number, centroid: number];
  /** Of the model's log probabilities where it speaks alone: 1 / temperature. */
  readonly alone: number;
  /** Cells whose best probability is lower are unassigned. */
  readonly threshold: number;
  /** Cells that are more novel are unassigned. */
  readonly noveltyThreshold: number;
  readonly novelty: NoveltyScale;
}

/** Everything that is needed to label cells, without the reference. */
export interface Annotator {
  /** The reference's column. */
  readonly label: string;
  readonly classes: readonly string[];
  /** The broader class of each, where the reference has them. */
  readonly parents: { readonly label: string; readonly of: readonly string[] } | null;
  readonly model: Model;
  readonly genes: AnnotatorGenes;
  readonly experts: ExpressionExperts;
  readonly head: AnnotatorHead;
  readonly settings: AnnotateSettings;
}

/** Cells labelled by an annotator. Cells without any known gene have code -1 and NaN. */
export interface Annotated extends Classified {
  /** Of the head: calibrated. */
  readonly probabilities: Float32Array; // [cells, classes]
  /** Calibrated probabilities of the model alone. */
  readonly alone: Float32Array; // [cells, classes]
  /** Index into the classes. */
  readonly codes: Int32Array; // [cells]
  /** The best class's probability. */
  readonly scores: Float32Array; // [cells]
  /** The second-best class, -1 for none. */
  readonly second: Int32Array; // [cells]
  /**
   * How unlike all classes a cell and the query's cells most like it are: 0 as the median of the class, in standard
   * deviations, the higher the stranger.
   */
  readonly novelty: Float32Array; // [cells]
  /** 1 where neither probability nor likeness is enough. */
  readonly unassigned: Uint8Array; // [cells]
  /** The novelty that the query's cells have as a whole; thresholds are raised by it. */
  readonly noveltyShift: number;
  /** Genes of the experts' panel that the cells were not measured on. */
  readonly missingGenes: number;
  /** What the model ran on. */
  readonly device: DeviceName;
}

/** How {@link applyAnnotator} runs. */
export interface ApplyOptions extends RunControl {
  /** `auto` by the annotator's thresholds, `off` never, or the lowest probability that is enough. */
  readonly reject?: 'auto' | 'off' | number | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** A query with fewer of the genes is told so: below, labels change. */
const enoughGenes = 0.9;

/**
 * Labels cells.
 *
 * @param names of the cells, for messages
 * @throws InputError when cells and annotator share no gene
 * @throws CancelledError when the control's signal is aborted
 */
export async function applyAnnotator(
  annotator: Annotator,
  cells: PreparedCells,
  names: readonly string[],
  { reject = 'auto', logger, ...options }: ApplyOptions = {},
): Promise<Annotated> {
  const { genes, model, experts, head, classes, settings } = annotator;
  const over = await cellsOverGenes(cells, genes.all, model.vocabulary, {
    ...options,
    total: totalFor(cells, annotator),
  });
  const present = genes.panel.map((gene) => over.present[gene]);
  const missingGenes = present.filter((here) => here === 0).length;
  if (missingGenes > (1 - enoughGenes) * present.length) {
    logger?.warning(
      `the query lacks ${count(missingGenes)} of the annotator's ${count(present.length)} genes: give the reference again with --reference, so that only shared genes count`,
    );
  }
  const device: Device = await openDevice({ device: options.device ?? 'auto', threads: options.threads });
  const read = tokensOfGenes(genes.all, model.vocabulary).map((token, gene) =>
    genes.read[gene] ? token : -1,
  );
  const classified = await classify(
    device,
    model,
    { matrix: over.values, names, tokenIds: read },
    { ...options, seed: settings.seed },
  );
  const expression = await inMemory(selectGenes(over.logged, genes.panel), options);
  const heard = await expressionScores(experts, expression, Uint8Array.from(present));
  const known = classified.genesRead.map((read_) => (read_ > 0 ? 1 : 0));
  const pooled = pool(
    [zeroWhere(classified.logProbabilities, known, classes.length), heard.linear, heard.centroid],
    head.weights,
    classes.length,
  );
  const alone = pool([classified.logProbabilities], [head.alone], classes.length);
  const chosen = head.name === 'stacked' ? pooled : alone;
  const labels = bestTwo(chosen, classes.length, known);
  const ofCells = noveltyScores(
    head.novelty,
    {
      entries: await entriesOf(expression),
      correlations: await ownCorrelations(experts, expression, Uint8Array.from(present)),
    },
    labels.codes,
    Uint8Array.from(present),
  );
  const novelty = await sharedNovelty(device, expression, ofCells, options);
  const noveltyShift = shiftOf(novelty);
  const scores = Float32Array.from(labels.codes, (code, cell) =>
    code < 0 ? Number.NaN : Math.exp(chosen[cell * classes.length + code]),
  );
  const threshold = typeof reject === 'number' ? reject : head.threshold;
  return {
    ...classified,
    ...labels,
    probabilities: probabilitiesOf(chosen, known, classes.length),
    alone: probabilitiesOf(alone, known, classes.length),
    scores,
    novelty,
    unassigned: Uint8Array.from(labels.codes, (code, cell) => {
      if (code < 0) return 1;
      if (reject === 'off') return 0;
      const strange = reject === 'auto' && novelty[cell] > head.noveltyThreshold + noveltyShift;
      return strange || scores[cell] < threshold ? 1 : 0;
    }),
    noveltyShift,
    missingGenes,
    device: device.name,
  };
}

/** In fewer cells, what they have in common may be their type. */
const fewestShifted = 50;

/**
 * The median novelty, where it is above 0: what all cells of a query differ by is technology or treatment, as long as
 * most of them are of known types.
 */
function shiftOf(novelty: Float32Array): number {
  const found = novelty.filter((value) => !Number.isNaN(value));
  return found.length < fewestShifted ? 0 : Math.max(0, median(Float64Array.from(found)));
}

/** What values are normalised to: less than 10,000 where genes are missing that reference cells have counts of. */
function totalFor(cells: PreparedCells, { genes, model }: Annotator): number {
  const known = new Set(cells.tokenIds);
  const names = new Set(cells.geneMatch.column?.names ?? cells.genes.index);
  let share = 0;
  genes.all.forEach((name, gene) => {
    const token = model.vocabulary.id(name);
    if (token === undefined ? names.has(name) : known.has(token)) share += genes.shares[gene];
  });
  return share > 0 ? 1e4 * Math.min(1, share) : 1e4;
}

/** Where the model has read nothing, it has no say. */
function zeroWhere(scores: Float64Array, known: Int32Array, classCount: number): Float64Array {
  return scores.map((score, i) => (known[Math.floor(i / classCount)] ? score : 0));
}

function probabilitiesOf(logarithms: Float64Array, known: Int32Array, classCount: number): Float32Array {
  return Float32Array.from(logarithms, (value, i) =>
    known[Math.floor(i / classCount)] ? Math.exp(value) : Number.NaN,
  );
}
