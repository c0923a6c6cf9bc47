/** @file The labelled cells of a reference with their embedding: made here, or the one they come with. */

import { type Grouping, groupSizes } from '../../analysis/groups.ts';
import { finiteRows, type Points, pointsOf, takeRows } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData, Unstructured } from '../../single-cell/anndata.ts';
import { subsetObs } from '../../single-cell/subset.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { plural } from '../../support/words.ts';
import { type EmbedResult, embed } from '../embed/embed.ts';
import { panelHash, runRecord } from '../embed/record.ts';
import { labelsOf } from '../labelled-cells.ts';
import { type PreparedCells, prepareCells } from '../prepare.ts';
import type { MapOptions } from './options.ts';
import { type ComparableSettings, recordedEmbedding } from './recorded.ts';
import { savedPanel, savedReference } from './saved-reference.ts';
import { onTokens } from './shared-genes.ts';

/** A reference before its cells are embedded: it has expression, an embedding, or both. */
export type LabelledReference = {
  /** Its labelled cells: those with a label in any of the columns. */
  readonly data: AnnData;
  readonly labels: readonly Grouping[]; // of data's cells
} & (
  | { readonly prepared: PreparedCells; readonly recorded: null }
  | {
      /** Null for a saved reference, which holds no expression. */
      readonly prepared: PreparedCells | null;
      readonly recorded: RecordedPoints;
    }
);

/** The embedding a reference comes with. */
export interface RecordedPoints {
  readonly points: Points; // of the labelled cells
  readonly settings: ComparableSettings;
  readonly record: ReadonlyMap<string, Unstructured>;
  /** The model's genes it was made from. */
  readonly tokens: Int32Array;
}

/** The reference's labelled cells that have a place in the embedding. */
export interface EmbeddedReference {
  readonly names: readonly string[];
  readonly labels: readonly Grouping[];
  readonly points: Points;
  /** Rows of {@link LabelledReference.data}. */
  readonly rows: Int32Array;
  readonly settings: ComparableSettings;
  /** The model's genes it was made from. */
  readonly tokens: Int32Array;
  /** uns/scgpt of the reference. */
  readonly record: ReadonlyMap<string, Unstructured>;
  /** Seconds it took; 0 when it came embedded. */
  readonly seconds: number;
}

/**
 * Reads labels, expression and embedding of a reference.
 *
 * @throws InputError, UsageError when labels are missing, or the embedding is by another model or other settings
 */
export async function labelledReference(
  reference: AnnData,
  model: LoadedModel,
  options: MapOptions & { readonly logger: Logger },
): Promise<LabelledReference> {
  const saved = savedReference(reference);
  const columns = options.labels ?? saved?.labels;
  if (columns === undefined || columns.length === 0) {
    throw new UsageError({
      what: 'no column of labels is named, and the reference is no saved one that knows its own',
      where: reference.source,
      expected: '--label with a column of obs',
      reason: 'no_label_column',
    });
  }
  const all = columns.map((column) => labelsOf(reference, column, options));
  for (const labels of all) warnOfClasses(labels, options.logger);
  const rows = Int32Array.from({ length: reference.nObs }, (_, row) => row).filter((row) =>
    all.some(({ codes }) => codes[row] >= 0),
  );
  const data = rows.length === reference.nObs ? reference : subsetObs(reference, rows);
  const labels = all.map((each) => ({ ...each, codes: rows.map((row) => each.codes[row]) }));
  const found = options.embedAgain === true ? null : recordedEmbedding(reference, model, options);
  const prepared = saved === null ? await prepareCells(data, model.vocabulary, options, options) : null;
  if (found === null) {
    if (prepared === null) throw noExpression(reference);
    return { data, labels, prepared, recorded: null };
  }
  const tokens = prepared?.panel.tokenIds ?? savedPanel(reference, model.vocabulary);
  if (panelHash(tokens) !== found.panelHash) throw otherPanel(reference);
  options.logger.info('the reference comes with its embedding, which is used');
  const { settings, record } = found;
  return {
    data,
    labels,
    prepared,
    recorded: { points: takeRows(pointsOf(found.embedding), rows), settings, record, tokens },
  };
}

function noExpression(reference: AnnData): InputError {
  return new InputError({
    what: 'a saved reference holds no expression, so that it cannot be embedded again',
    where: reference.source,
    advice: 'Leave --embed-again out, or give the data it was made from',
    reason: 'no_expression',
  });
}

function otherPanel(reference: AnnData): InputError {
  return new InputError({
    what: 'the reference was embedded from other genes than are found in it now',
    where: reference.source,
    expected: 'the matrix and the gene names it was embedded with: --layer, --gene-column, --organism',
    advice: 'Or embed it again with --embed-again',
    reason: 'other_panel',
  });
}

/**
 * Embeds the reference unless it comes with its embedding, and leaves out cells without a place.
 *
 * @param tokens the model's genes to embed with
 */
export async function embedReference(
  reference: LabelledReference,
  tokens: Int32Array,
  model: LoadedModel,
  options: MapOptions & { readonly logger: Logger },
): Promise<EmbeddedReference> {
  const { data, prepared, recorded } = reference;
  if (recorded !== null) {
    const { points, ...rest } = recorded;
    return { ...placedCells(reference, points, options.logger), ...rest, seconds: 0 };
  }
  const started = performance.now();
  const cells = onTokens(data, prepared, tokens, model.vocabulary);
  const result = await embed(cells, model, inModelTerms(options));
  return {
    ...placedCells(reference, pointsOf(result.embeddings), options.logger),
    settings: result.settings,
    tokens,
    record: recordOf(result, prepared, model),
    seconds: (performance.now() - started) / 1000,
  };
}

function placedCells(
  { data, labels }: LabelledReference,
  points: Points,
  logger: Logger,
): Pick<EmbeddedReference, 'names' | 'labels' | 'points' | 'rows'> {
  const rows = finiteRows(points);
  if (rows.length < points.count) {
    logger.warning(
      `${plural(points.count - rows.length, 'reference cell')} have no gene that the model sees and are left out`,
    );
  }
  return {
    names: Array.from(rows, (row) => data.obs.index[row]),
    labels: labels.map((each) => ({ ...each, codes: rows.map((row) => each.codes[row]) })),
    points: rows.length === points.count ? points : takeRows(points, rows),
    rows,
  };
}

/** Options for data that have the model's own gene names and one matrix. */
export function inModelTerms(options: MapOptions): MapOptions {
  return { ...options, layer: undefined, geneColumn: 'index', organism: 'human', geneMatching: 'exact' };
}

/** uns/scgpt of cells that were embedded on some of their genes: genes and matrix as they were before. */
export function recordOf(
  result: EmbedResult,
  { matrixName, geneMatch, diagnosis }: PreparedCells,
  model: LoadedModel,
): Map<string, Unstructured> {
  return runRecord(
    {
      ...result,
      settings: { ...result.settings, matrix: matrixName },
      prepared: { ...result.prepared, geneMatch, diagnosis },
    },
    model,
  );
}

function warnOfClasses({ name, codes, groups }: Grouping, logger: Logger): void {
  if (groups.length === 1) {
    logger.warning(
      `the reference has one ${name}, '${groups[0]}': every query cell gets it or none, by distance alone`,
    );
  }
  const sizes = groupSizes(codes, groups.length);
  const single = groups.filter((_, code) => sizes[code] === 1);
  if (single.length > 0) {
    logger.warning(
      `${plural(single.length, 'class', 'classes')} of ${name} with a single reference cell, hardly ever found: ${single.join(', ')}`,
    );
  }
}
