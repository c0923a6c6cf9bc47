/** @file What is asked: perturbations as they are typed, genes of a list, contexts, and whose cells they are asked of. */

import { groupingOf } from '../../analysis/groups.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { CsrMatrix, compress } from '../../single-cell/csr-matrix.ts';
import { loadGeneTables } from '../../single-cell/genes/load.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { didYouMean } from '../../support/similar-word.ts';
import { plural } from '../../support/words.ts';
import { Profiles } from '../../train/perturbation/cells.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';
import type { StartingProfile } from './controls.ts';
import { perturbableNames } from './gene-names.ts';
import type { ControlCells, PerturbationModel, Question } from './perturbation-model.ts';
import { loggedExpression } from './screen-data.ts';

/** Cells that perturbations are asked of. */
export interface AskedCells {
  readonly starts: readonly StartingProfile[];
  readonly contexts: readonly string[];
  readonly controls: ControlCells;
  /** A user's own cells as they were read; null for those of the screen. */
  readonly prepared: PreparedCells | null;
}

/** `A,B+C` as names of perturbed genes, in alphabetical order. @throws UsageError for an empty one */
export function perturbationsTyped(text: string): readonly (readonly string[])[] {
  return text.split(',').map((part) => {
    const names = [...new Set(part.split('+').map((name) => name.trim()))]
      .filter((name) => name !== '')
      .sort();
    if (names.length > 0) return names;
    throw new UsageError({
      what: `'${text}' has a perturbation without a gene`,
      expected: 'perturbations with commas between them, such as STAT1,JAK2+IRF1',
      reason: 'perturbations',
    });
  });
}

/** Every perturbation in every context that is asked about. @throws UsageError for a context there is none of */
export function questionsOf(
  perturbations: readonly (readonly string[])[],
  contexts: readonly string[],
  only: readonly string[] | undefined,
): readonly Question[] {
  const unknown = only?.find((name) => !contexts.includes(name));
  if (unknown !== undefined) {
    throw new UsageError({
      what: `there is no context '${unknown}'`,
      expected: `one of ${contexts.slice(0, 20).join(', ')}`,
      advice: didYouMean(unknown, contexts),
      reason: 'context',
    });
  }
  return perturbations.flatMap((names) => (only ?? contexts).map((context) => ({ names, context })));
}

/** The control cells of the screen itself. */
export const cellsOfScreen = ({ starts, contexts, controls }: PerturbationModel): AskedCells => ({
  starts,
  contexts,
  controls,
  prepared: null,
});

/** Cells kept of each context to sample from. */
const keptCells = 200;

/**
 * A user's own cells over the genes that the model predicts. A gene that they do not have counts as not expressed.
 *
 * @throws InputError when no gene is shared
 */
export async function cellsOfUser(
  data: AnnData,
  learnt: PerturbationModel,
  source: CellSource & { readonly contextKey?: string | undefined },
  logger: Logger,
  control: RunControl,
): Promise<AskedCells> {
  const { terms, settings } = learnt;
  const prepared = await prepareCells(data, learnt.model.vocabulary, source, control);
  tellGeneMatch(prepared, logger);
  const columns = columnsFor(
    terms.genes,
    terms.tokens,
    perturbableNames(prepared, await loadGeneTables()),
    prepared.tokenIds,
  );
  const missing = columns.filter((column) => column < 0).length;
  if (missing === columns.length) {
    throw new InputError({
      what: 'the cells have none of the genes that the model learnt to predict',
      where: data.source,
      reason: 'no_shared_gene',
    });
  }
  if (missing > 0) {
    logger.warning(
      `${plural(missing, 'gene')} of ${columns.length} that the model predicts ${missing === 1 ? 'is' : 'are'} not in these cells and count as not expressed`,
    );
  }
  const logged = await ordered(await loggedExpression(prepared, settings.targetSum, control), columns);
  const context =
    source.contextKey === undefined
      ? null
      : groupingOf(source.contextKey, data.obs.column(source.contextKey));
  const contexts = context?.groups ?? ['all cells'];
  const codes = context?.codes ?? new Int32Array(data.nObs);
  const profiles = await Profiles.of(logged);
  const rowsOf = (place: number) => Int32Array.from(codes.keys()).filter((row) => codes[row] === place);
  const kept = Int32Array.from(
    contexts.flatMap((_, place) => [...rowsOf(place).subarray(0, keptCells)]),
  ).sort();
  return {
    prepared,
    contexts,
    starts: contexts.map((_, place) => {
      const rows = rowsOf(place);
      return { values: profiles.mean(rows), cells: rows.length, context: place };
    }),
    controls: { logged: await inMemory(selectCells(logged, kept)), context: kept.map((row) => codes[row]) },
  };
}

/** The column of each gene in other cells: by name, else by token; -1 where they have none. */
function columnsFor(
  genes: readonly string[],
  tokens: Int32Array,
  theirNames: readonly string[],
  theirTokens: Int32Array,
): Int32Array {
  const byName = new Map(theirNames.map((name, column) => [name, column]));
  const byToken = new Map(Array.from(theirTokens, (token, column) => [token, column]));
  return Int32Array.from(
    genes,
    (name, gene) => byName.get(name) ?? (tokens[gene] < 0 ? -1 : (byToken.get(tokens[gene]) ?? -1)),
  );
}

/** Columns in another order; those of number -1 are empty. */
async function ordered(matrix: CsrMatrix, columns: Int32Array): Promise<CsrMatrix> {
  const place = new Map<number, number[]>();
  columns.forEach((column, gene) => {
    if (column < 0) return;
    const found = place.get(column);
    if (found === undefined) place.set(column, [gene]);
    else found.push(gene);
  });
  const { rowCount, indptr, indices, values } = await matrix.rows(0, matrix.shape[0]);
  const [rows, genes, kept]: [number[], number[], number[]] = [[], [], []];
  for (let row = 0; row < rowCount; row++) {
    const entries: [number, number][] = [];
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      for (const gene of place.get(indices[i]) ?? []) entries.push([gene, values[i]]);
    }
    for (const [gene, value] of entries.sort(([a], [b]) => a - b)) {
      rows.push(row);
      genes.push(gene);
      kept.push(value);
    }
  }
  return new CsrMatrix(
    [rowCount, columns.length],
    compress(Int32Array.from(rows), Int32Array.from(genes), Float32Array.from(kept), rowCount),
  );
}
