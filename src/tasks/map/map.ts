/** @file Maps query cells onto a labelled reference without training: the nearest reference cells name their labels. */

import type { Grouping } from '../../analysis/groups.ts';
import { finiteRows, pointsOf, takeRows } from '../../analysis/points.ts';
import {
  buildReferenceIndex,
  type ReferenceIndex,
  type SearchMethod,
} from '../../analysis/reference-index/reference-index.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import { count, plural } from '../../support/words.ts';
import { type EmbedResult, embed } from '../embed/embed.ts';
import { geneNames, labelsOf, noSharedGenes } from '../labelled-cells.ts';
import { type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';
import { type Baselines, fitBaselines } from './baselines.ts';
import { type Calibration, calibrate, holdOut } from './calibration.ts';
import { checkMapOptions, type GenesSeen, type MapOptions, type Rejection } from './options.ts';
import {
  type EmbeddedReference,
  embedReference,
  inModelTerms,
  type LabelledReference,
  labelledReference,
} from './reference.ts';
import { savedReference } from './saved-reference.ts';
import { type Truth, truthOf } from './scores.ts';
import { onTokens, sharedTokens } from './shared-genes.ts';
import { type PlacedQuery, queryDistances, type TransferredLabels, transfer } from './transfer.ts';

/** One label column carried over. */
export interface MappedLabels extends TransferredLabels {
  /** The reference's column. */
  readonly name: string;
  readonly classes: readonly string[];
  /** Null when no reference cell could be held out. */
  readonly calibration: Calibration | null;
  /** The query's own labels, if a column was named. */
  readonly truth: Truth | null;
}

/** Which genes were seen. */
export interface GenePanels {
  readonly seen: GenesSeen;
  /** Genes of the model that the reference was embedded with. */
  readonly reference: number;
  readonly query: number;
  /** Genes of the model that both sides were embedded with. */
  readonly shared: number;
}

/** What {@link mapCells} gives back. */
export interface MapResult {
  readonly labels: readonly MappedLabels[];
  /** Mean distance to the nearest reference cells; NaN for cells without an embedding. */
  readonly distances: Float32Array; // [query cells]
  readonly baselines: Baselines;
  /** The query embedded on the genes that were seen. */
  readonly query: EmbedResult;
  /** The query as it came: matrix, values, gene match. */
  readonly prepared: PreparedCells;
  readonly reference: EmbeddedReference;
  /** The reference's index, to be saved with it. */
  readonly index: ReferenceIndex;
  readonly genes: GenePanels;
  readonly settings: MapSettings;
  readonly seconds: {
    readonly reference: number;
    readonly query: number;
    readonly search: number;
    readonly baselines: number;
  };
}

/** The resolved choices of a run. */
export interface MapSettings {
  readonly neighbours: number;
  readonly reject: Rejection;
  readonly search: SearchMethod;
  readonly seed: number;
}

/**
 * Labels query cells by a labelled reference (zero-shot reference mapping of Cui et al. 2024). Both sides are embedded
 * by one model with one set of settings, on the genes that both have; the nearest reference cells vote, the nearer the
 * heavier. A label is withheld where the vote is less decided, or the cell lies farther away, than held-out reference
 * cells that are labelled right. Simple methods are fitted to the same cells and stand beside it.
 *
 * @param reference labelled cells, with or without their embedding, or a saved reference
 * @throws InputError when data, labels or the reference's embedding cannot be used; UsageError for options that do not fit
 * @throws CancelledError when the signal is aborted
 */
export async function mapCells(
  query: AnnData,
  reference: AnnData,
  model: LoadedModel,
  options: MapOptions = {},
): Promise<MapResult> {
  checkMapOptions(options);
  const { logger = silent, genes: seen = 'shared', reject = 'auto' } = options;
  const told = { ...options, logger };
  const labelled = await labelledReference(reference, model, told);
  const prepared = await prepareCells(query, model.vocabulary, options, options);
  const truths = truthLabels(query, labelled.labels, told);
  tellGeneMatch(prepared, logger);
  const panels = choosePanels(labelled, prepared, seen, logger);
  const embedded = await embedReference(labelled, panels.reference, model, told);
  const result = await embed(onTokens(query, prepared, panels.query, model.vocabulary), model, {
    ...inModelTerms(options),
    ...embedded.settings,
  });

  const started = performance.now();
  const k = Math.min(options.neighbours ?? 15, embedded.points.count);
  if (k < (options.neighbours ?? 15)) {
    logger.warning(`the reference has ${plural(k, 'cell')}: all of them vote on every query cell`);
  }
  const index = await buildReferenceIndex(embedded.points, {
    ...options,
    method: options.search,
    saved: savedReference(reference) === null ? undefined : reference.source,
  });
  const placed = await placeQuery(index, result, k, options);
  const calibrations = await calibrationsOf(index, embedded, reference, k, options);
  const labels = embedded.labels.map((each, i) => ({
    name: each.name,
    classes: each.groups,
    calibration: calibrations[i],
    truth: truths[i],
    ...transfer(placed, each, calibrations[i], reject),
  }));
  const searched = performance.now();
  warnOfShift(labels, logger);
  const baselines = await baselinesOf(labelled, prepared, embedded.settings.seed, told);
  return {
    labels,
    distances: queryDistances(placed),
    baselines,
    query: result,
    prepared,
    reference: embedded,
    index,
    genes: {
      seen,
      reference: embedded.tokens.length,
      query: panels.query.length,
      shared: panels.shared,
    },
    settings: { neighbours: k, reject, search: index.method, seed: embedded.settings.seed },
    seconds: {
      reference: embedded.seconds,
      query: result.seconds.preparing + result.seconds.embedding,
      search: (searched - started) / 1000,
      baselines: (performance.now() - searched) / 1000,
    },
  };
}

/** The genes each side is embedded with. */
function choosePanels(
  { data, prepared, recorded }: LabelledReference,
  query: PreparedCells,
  seen: GenesSeen,
  logger: Logger,
): { readonly reference: Int32Array; readonly query: Int32Array; readonly shared: number } {
  const ofReference = recorded === null ? prepared.panel.tokenIds : recorded.tokens;
  const ofQuery = query.panel.tokenIds;
  const shared = sharedTokens(ofReference, ofQuery);
  if (shared.length === 0)
    throw noSharedGenes(prepared === null ? data.var.index : geneNames(prepared), geneNames(query));
  const smaller = Math.min(ofReference.length, ofQuery.length);
  if (shared.length < Math.max(few, smaller / 2)) {
    logger.warning(
      `reference and query share ${count(shared.length)} of the model's genes (the reference has ${count(ofReference.length)}, the query ${count(ofQuery.length)}): labels are the less certain`,
    );
  }
  if (seen === 'all') return { reference: ofReference, query: ofQuery, shared: shared.length };
  if (recorded !== null && shared.length < 0.9 * ofReference.length) {
    logger.warning(
      `the query lacks ${count(ofReference.length - shared.length)} of the ${count(ofReference.length)} genes that the reference was embedded with, which shifts its cells; ` +
        (prepared === null
          ? 'a reference with its expression could be embedded on shared genes'
          : '--embed-again embeds the reference on shared genes'),
    );
  }
  return { reference: recorded === null ? shared : ofReference, query: shared, shared: shared.length };
}

/** Fewer genes say little of a cell. */
const few = 500;

async function placeQuery(
  index: ReferenceIndex,
  { embeddings }: EmbedResult,
  k: number,
  options: MapOptions,
): Promise<PlacedQuery> {
  const points = pointsOf(embeddings);
  const rows = finiteRows(points);
  if (rows.length === 0) {
    throw new InputError({
      what: 'no query cell has a gene that the model sees',
      expected: 'counts of genes that reference and query share',
      reason: 'no_query_cells',
    });
  }
  return {
    cellCount: points.count,
    rows,
    neighbours: await index.search(takeRows(points, rows), k, options),
  };
}

/** Thresholds of each label column: those the reference was saved with where they are of the same labels and neighbours. */
async function calibrationsOf(
  index: ReferenceIndex,
  { names, labels, settings }: EmbeddedReference,
  reference: AnnData,
  k: number,
  options: MapOptions,
): Promise<(Calibration | null)[]> {
  const saved = savedReference(reference);
  const asSaved = options.labels === undefined && (options.unlabelled ?? []).length === 0;
  if (saved !== null && asSaved && saved.neighbours === k) {
    return labels.map(({ name }) => saved.calibrations.get(name) ?? null);
  }
  const heldOut = await holdOut(index, names, k, { ...options, seed: settings.seed });
  return labels.map((each) => (heldOut === null ? null : calibrate(heldOut, each)));
}

function truthLabels(
  query: AnnData,
  labels: readonly Grouping[],
  { truth, unlabelled, logger }: MapOptions & { readonly logger: Logger },
): (Truth | null)[] {
  if (truth === undefined) return labels.map(() => null);
  return labels.map(({ name, groups }, i) => {
    const found = truthOf(labelsOf(query, truth[i], { unlabelled }), groups);
    if (found.known.length === 0) {
      logger.warning(
        `no label in the query's ${truth[i]} is one of the reference's ${name}, so that nothing can be scored: ${found.labels.groups.slice(0, 5).join(', ')} there, ${groups.slice(0, 5).join(', ')} here`,
      );
    }
    return found;
  });
}

/** More than this is no usual difference between technologies. */
const largeShift = 2;

function warnOfShift(labels: readonly MappedLabels[], logger: Logger): void {
  const shift = Math.max(...labels.map(({ thresholds }) => thresholds.shift));
  if (shift < largeShift) return;
  logger.warning(
    `query cells lie ${shift.toFixed(1)} times as far from the reference as its own cells do: another technology or condition, or mostly types that the reference lacks; distances cannot tell these apart`,
  );
}

async function baselinesOf(
  { prepared, labels }: LabelledReference,
  query: PreparedCells,
  seed: number,
  { baselines, logger, onProgress, signal }: MapOptions & { readonly logger: Logger },
): Promise<Baselines> {
  if (baselines === false) return { missing: 'They were left out on request.' };
  if (prepared === null) {
    return { missing: 'A saved reference holds no expression, which they need.' };
  }
  return fitBaselines(prepared, labels, query, { seed, logger, onProgress, signal });
}
