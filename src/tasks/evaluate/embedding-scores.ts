/** @file Scores every embedding of a data set, and those that built-in methods make, on the same cells. */

import type { Grouping } from '../../analysis/groups.ts';
import { methodsNamed } from '../../analysis/integration/methods.ts';
import { type Points, takeRows } from '../../analysis/points.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { type BaselineCells, baselineCells, runBaseline } from './baselines.ts';
import { embeddingMetrics, scoreEmbedding } from './embedding-metrics.ts';
import { embeddingOf, embeddingsOf, type NamedPoints } from './embeddings.ts';
import { type ScoredRow, type ScoreTable, spreads, withoutEmptyColumns } from './score-table.ts';
import { type ScoredCells, scoredCells } from './scored-cells.ts';

/** Which embeddings are scored, and beside what. */
export interface EmbeddingChoice extends RunControl {
  readonly embeddings?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly unintegrated?: string | undefined;
  readonly layer?: string | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly sample?: number | undefined;
}

/** Scores of embeddings. */
export interface EvaluatedEmbeddings extends ScoredCells {
  readonly table: ScoreTable;
  /** What mixing is measured against, in words; null where there is nothing. */
  readonly unintegrated: string | null;
  /** The scored cells of each row of the table; of several runs, the first. */
  readonly points: readonly NamedPoints[];
}

/** Quick, and what an integration has to beat. */
const usualMethods: readonly string[] = ['pca', 'harmony'];

/**
 * Scores embeddings on the cells that have a place in all of them.
 *
 * @throws InputError when an embedding is missing or there is nothing that can be scored
 */
export async function evaluateEmbeddings(
  data: AnnData,
  given: { readonly batch: Grouping | null; readonly labels: Grouping | null },
  choice: EmbeddingChoice,
  logger: Logger,
): Promise<EvaluatedEmbeddings> {
  const { seeds = [0], methods: asked = usualMethods, onProgress, signal } = choice;
  const control = { onProgress, signal };
  const methods = methodsNamed(asked);
  const embeddings = embeddingsOf(data, choice.embeddings);
  const named =
    choice.unintegrated === undefined ? null : embeddingOf(data, choice.unintegrated, '--unintegrated');
  const placed = named === null ? embeddings : [...embeddings, named];
  const scored = scoredCells(data.nObs, placed, given, { sample: choice.sample, seed: seeds[0] }, logger);
  const mixing = scored.batch !== null;
  const wanted = methods.filter(({ corrects }) => mixing || !corrects);
  const needed = wanted.length > 0 || (mixing && named === null);
  const cells = needed ? await cellsOrNull(data, mixing ? given.batch : null, choice, logger) : null;

  const candidates: Candidate[] = embeddings.map(({ name, points }) => ({
    name,
    origin: 'data',
    about: `obsm/${name}, ${points.dimensions} dimensions`,
    runs: [{ points: takeRows(points, scored.rows), seconds: null }],
  }));
  if (cells !== null) {
    for (const method of wanted) {
      const runs = await runBaseline(method, cells, scored.rows, { seeds, logger, ...control });
      if (runs.length === 0) continue;
      candidates.push({ name: method.name, origin: 'baseline', about: runs[0].method, runs });
    }
  }
  if (candidates.length === 0) throw nothingToScore(data);
  const unintegrated = mixing ? await unintegratedPoints(named, cells, scored, { logger, ...control }) : null;
  const rows: ScoredRow[] = [];
  for (const { name, origin, about, runs } of candidates) {
    const scores: Record<string, number>[] = [];
    for (const { points } of runs) {
      scores.push(await scoreEmbedding(points, scored, unintegrated?.points ?? null, control));
    }
    const seconds = origin === 'data' ? null : mean(runs.map((run) => run.seconds ?? 0));
    rows.push({ name, origin, about, runs: runs.length, seconds, scores: spreads(scores) });
  }
  return {
    ...scored,
    table: withoutEmptyColumns({ metrics: embeddingMetrics, rows }),
    unintegrated: unintegrated?.name ?? null,
    points: candidates.map(({ name, runs }) => ({ name, points: runs[0].points })),
  };
}

/** What is scored: an embedding of the data, or the runs of a method. */
interface Candidate {
  readonly name: string;
  readonly origin: ScoredRow['origin'];
  readonly about: string;
  readonly runs: readonly { readonly points: Points; readonly seconds: number | null }[];
}

/** Expression for the methods; null, and told, where the data have none that can be used. */
async function cellsOrNull(
  data: AnnData,
  batch: Grouping | null,
  choice: EmbeddingChoice,
  logger: Logger,
): Promise<BaselineCells | null> {
  try {
    return await baselineCells(data, batch, choice);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    logger.warning(`built-in methods were not run: ${error.message}`);
    return null;
  }
}

/** The scored cells without any correction, which says how much mixing there was and how cells lay. */
async function unintegratedPoints(
  named: NamedPoints | null,
  cells: BaselineCells | null,
  { rows }: ScoredCells,
  control: RunControl & { readonly logger: Logger },
): Promise<NamedPoints | null> {
  if (named !== null) return { name: `obsm/${named.name}`, points: takeRows(named.points, rows) };
  if (cells === null) return null;
  const [plain] = methodsNamed(['pca']);
  const [run] = await runBaseline(plain, cells, rows, { seeds: [0], ...control });
  return run === undefined ? null : { name: run.method, points: run.points };
}

function nothingToScore({ obsm, source }: AnnData): InputError {
  return new InputError({
    what: 'there is no embedding to score',
    where: source === undefined ? 'obsm' : `${source}, obsm`,
    expected: 'a table of numbers with more than two columns',
    advice:
      obsm.size === 0
        ? 'Make one with `scgpt embed`, or run built-in methods with --methods'
        : `It has ${[...obsm.keys()].join(', ')}: name one with --embedding`,
    reason: 'no_embedding',
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
