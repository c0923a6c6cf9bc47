/** @file Annotation: a labelled reference, or an annotator fitted before, and a query in; labels out. */

import type { Grouping } from '../../analysis/groups.ts';
import { groupingOf } from '../../analysis/groups.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { count, plural } from '../../support/words.ts';
import { labelsOf } from '../labelled-cells.ts';
import { type Baselines, fitBaselines } from '../map/baselines.ts';
import { type Truth, truthOf } from '../map/scores.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';
import {
  type Annotated,
  type Annotator,
  type ApplyOptions,
  applyAnnotator,
  type HeadName,
} from './annotator.ts';
import { type FitOptions, type FittedAnnotator, fitAnnotator, type Reference } from './fit.ts';
import { type ParentLabels, parentLabels, type SureLabels, sureLabels } from './hierarchy.ts';
import { type Renaming, renamed, warnOfLookAlikes } from './labels.ts';
import { type Voted, voteOfClusters } from './majority-vote.ts';
import { annotateSettings, type SomeSettings } from './settings.ts';

/** What labels are learnt from. */
export interface ReferenceOptions extends CellSource {
  /** The column of obs with the labels. */
  readonly label: string;
  /** Values of it that mean a missing label. */
  readonly unlabelled?: readonly string[] | undefined;
  /** A column of obs with broader labels. */
  readonly parentLabel?: string | undefined;
  /** New names of labels. */
  readonly harmonise?: Renaming | undefined;
}

/** How the query is labelled. */
export interface QueryOptions extends CellSource, ApplyOptions {
  /** Let clusters of the query vote. Default false. */
  readonly majorityVote?: boolean | undefined;
  /** Column of the query's obs with true labels: only scored against. */
  readonly truth?: string | undefined;
  readonly harmonise?: Renaming | undefined;
}

/** Options of {@link annotate}. */
export interface AnnotateOptions
  extends SomeSettings,
    ReferenceOptions,
    QueryOptions,
    Pick<FitOptions, 'record' | 'resume'> {
  /** Default `stacked`: the fine-tuned model together with experts on expression. */
  readonly head?: HeadName | undefined;
  /** Fit simple methods to the same cells. Default true. */
  readonly baselines?: boolean | undefined;
}

/** A query with labels. */
export interface AnnotationResult {
  readonly annotator: Annotator;
  readonly labels: Annotated;
  readonly parents: ParentLabels | null;
  /** The class where it is sure, else its parent; null without parents. */
  readonly sure: SureLabels | null;
  readonly votes: Voted | null;
  readonly query: PreparedCells;
  readonly truth: Truth | null;
  /** The fit and the simple methods beside it; null where the annotator was fitted before. */
  readonly fitted: (FittedAnnotator & { readonly reference: PreparedCells; readonly cells: number }) | null;
  readonly baselines: Baselines;
  readonly seconds: { readonly fitting: number; readonly labelling: number; readonly baselines: number };
}

/**
 * Fits an annotator to the reference and labels the query with it.
 *
 * Both may have other genes, in other orders and under other names: those that both have are used.
 *
 * @throws UsageError when settings do not fit
 * @throws InputError when data or labels cannot be used
 * @throws TrainingError, CancelledError
 */
export async function annotate(
  query: AnnData,
  reference: AnnData,
  model: LoadedModel,
  options: AnnotateOptions,
): Promise<AnnotationResult> {
  const { logger = silent, onProgress, signal } = options;
  const settings = annotateSettings(options);
  const control = { onProgress, signal };
  const started = performance.now();
  const labels = referenceLabels(reference, options, logger);
  const referenceCells = await prepared(reference, model, options, 'reference', logger, control);
  const queryCells = await prepared(query, model, options, 'query', logger, control);
  const learnt: Reference = {
    cells: referenceCells,
    names: reference.obs.index,
    labels,
    parents: parentGrouping(reference, options),
    source: reference.source ?? 'reference',
  };
  const fitted = await fitAnnotator(learnt, model, { ...options, settings, query: queryCells });
  const fittedAt = performance.now();
  const result = await labelQuery(query, queryCells, fitted.annotator, options);
  const labelledAt = performance.now();
  const baselines =
    options.baselines === false
      ? { missing: 'They were left out on request.' }
      : await fitBaselines(referenceCells, [labels], queryCells, { seed: settings.seed, logger, ...control });
  return {
    ...result,
    fitted: { ...fitted, reference: referenceCells, cells: reference.nObs },
    baselines,
    seconds: {
      fitting: (fittedAt - started) / 1000,
      labelling: (labelledAt - fittedAt) / 1000,
      baselines: (performance.now() - labelledAt) / 1000,
    },
  };
}

/**
 * Labels a query with an annotator that was fitted before.
 *
 * @throws InputError when the query cannot be used or has none of the annotator's genes
 * @throws CancelledError
 */
export async function annotateWith(
  query: AnnData,
  annotator: Annotator,
  options: QueryOptions = {},
): Promise<AnnotationResult> {
  const { logger = silent, onProgress, signal } = options;
  const started = performance.now();
  const cells = await prepared(query, annotator.model, options, 'query', logger, { onProgress, signal });
  return {
    ...(await labelQuery(query, cells, annotator, options)),
    fitted: null,
    baselines: { missing: 'A saved annotator has no reference that they could learn from.' },
    seconds: { fitting: 0, labelling: (performance.now() - started) / 1000, baselines: 0 },
  };
}

async function prepared(
  data: AnnData,
  { vocabulary }: Pick<Annotator['model'], 'vocabulary'>,
  source: CellSource,
  side: string,
  logger: Logger,
  control: RunControl,
): Promise<PreparedCells> {
  const cells = await prepareCells(data, vocabulary, source, control);
  tellGeneMatch(cells, logger, side);
  return cells;
}

/** The labels that count, under their new names. */
export function referenceLabels(
  reference: AnnData,
  { label, unlabelled, harmonise }: ReferenceOptions,
  logger: Logger,
): Grouping {
  const found = labelsOf(reference, label, { unlabelled, logger });
  const labels = harmonise === undefined ? found : renamed(found, harmonise, logger);
  warnOfLookAlikes(labels.groups, logger);
  return labels;
}

function parentGrouping(
  reference: AnnData,
  { label, parentLabel: column }: Pick<ReferenceOptions, 'label' | 'parentLabel'>,
): Grouping | undefined {
  if (column === undefined) return undefined;
  if (column === label) {
    throw new UsageError({
      what: `the column '${column}' is to hold both the labels and the broader ones`,
      expected: 'two columns of the reference',
      reason: 'parent_label',
    });
  }
  const where = reference.source === undefined ? 'obs' : `${reference.source}, obs`;
  return groupingOf(column, reference.obs.column(column, where));
}

async function labelQuery(
  query: AnnData,
  cells: PreparedCells,
  annotator: Annotator,
  options: QueryOptions,
): Promise<
  Pick<AnnotationResult, 'annotator' | 'labels' | 'parents' | 'sure' | 'votes' | 'query' | 'truth'>
> {
  const { logger = silent, onProgress, signal } = options;
  const { settings, classes, head } = annotator;
  const truth = truthIn(query, annotator, options, logger);
  const labels = await applyAnnotator(annotator, cells, query.obs.index, options);
  tellUnassigned(labels, logger);
  const points = { values: labels.embeddings, count: query.nObs, dimensions: labels.width };
  const votes =
    options.majorityVote === true
      ? await voteOfClusters(points, labels.codes, { seed: settings.seed, onProgress, signal })
      : null;
  const parents = annotator.parents && parentLabels(labels.probabilities, annotator.parents);
  return {
    annotator,
    labels,
    parents,
    sure: parents && sureLabels(labels, parents, classes, head),
    votes,
    query: cells,
    truth,
  };
}

function truthIn(
  query: AnnData,
  { classes }: Annotator,
  { truth, harmonise }: QueryOptions,
  logger: Logger,
): Truth | null {
  if (truth === undefined) return null;
  const found = labelsOf(query, truth);
  const labels = harmonise === undefined ? found : renamed(found, harmonise, silent);
  const strange = labels.groups.filter((group) => !classes.includes(group));
  if (strange.length > 0) {
    logger.warning(
      `${plural(strange.length, 'true label')} of the query ${strange.length === 1 ? 'is' : 'are'} no class of the reference and count as unseen: ${strange.join(', ')}`,
    );
    warnOfLookAlikes([...classes, ...strange], logger);
  }
  return truthOf(labels, classes);
}

function tellUnassigned({ codes, unassigned }: Annotated, logger: Logger): void {
  const empty = codes.filter((code) => code < 0).length;
  if (empty > 0) {
    logger.warning(
      `${plural(empty, 'cell')} without any gene of the annotator ${empty === 1 ? 'is' : 'are'} unassigned`,
    );
  }
  const all = unassigned.filter((one) => one === 1).length;
  if (all > unassigned.length / 2) {
    logger.warning(
      `${count(all)} of ${count(unassigned.length)} cells are unassigned: the query is unlike the reference in types, tissue or technology`,
    );
  }
}
