/** @file Imputation from files to files: what `scgpt generate impute` does. */

import { basename } from 'node:path';
import { chosenGenes } from '../../analysis/imputation/chosen-genes.ts';
import { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type Device, openDevice } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { openData } from '../../single-cell/open.ts';
import { expressedIn } from '../../single-cell/preprocess/filter.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { EpochRecord } from '../../train/loop.ts';
import { openInputs } from '../inputs.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, tellReplaced, writeData } from '../output.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { countsOf } from './counts.ts';
import { type DropoutImputer, fitDropouts, holdOut, imputedValues, likelyDropouts } from './dropouts.ts';
import { imputeReport } from './impute-report.ts';
import { modelFor, type TuningOptions } from './model-for.ts';
import { completePanel, type PanelCompletion } from './panel.ts';
import { completedData, imputationAdditions, imputationRecord } from './results.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** Options of {@link imputeFiles}. */
export interface ImputeOptions extends CellSource, ModelChoice, TuningOptions, ReportFiles {
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** A file of cells with more genes: completes the panel with those that the input lacks. */
  readonly reference?: string | undefined;
  /** Fills zeros of genes that more than this share of like cells would show. Default 0.5. */
  readonly above?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** A row of the comparison. */
export interface ScoredMethod {
  readonly id: string;
  readonly name: string;
  readonly scores: Readonly<Record<string, number>>;
}

/** What was done. */
export interface ImputeSummary {
  readonly output: string;
  readonly report: string | null;
  readonly figures: string | null;
  readonly layer: string;
  readonly cells: number;
  readonly genes: number;
  /** Zeros that were filled, or values of genes that were added. */
  readonly filled: number;
  readonly completed: boolean;
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  /** Epochs of fine-tuning; 0 for the model as it is. */
  readonly epochs: number;
  readonly methods: readonly ScoredMethod[];
  readonly verdict: Verdict;
  readonly weights: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

/** The opened pieces of a run. */
interface Run {
  readonly data: AnnData;
  readonly prepared: PreparedCells;
  readonly model: LoadedModel;
  readonly device: Device;
  readonly options: ImputeOptions;
  readonly logger: RecordingLogger;
}

/** What came of a run, before it is written. */
export interface Imputation {
  readonly methods: readonly ScoredMethod[];
  readonly weights: ReadonlyMap<string, number>;
  readonly history: readonly EpochRecord[];
  readonly bestStep: number;
  /** Held-out answers, where single entries were held out. */
  readonly heldOut: DropoutImputer['heldOut'] | null;
  readonly genes: readonly string[];
  readonly filled: number;
}

/** @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError; no partial output is left */
export async function imputeFiles(inputs: readonly string[], options: ImputeOptions): Promise<ImputeSummary> {
  const { output, force, reference, report, figures, above = 0.5 } = options;
  if (!(above >= 0 && above < 1)) {
    throw new UsageError({ what: `the share is ${above}`, where: 'above', expected: 'from 0 to below 1' });
  }
  await checkDataOutput(output, { force });
  const read = reference === undefined ? inputs : [...inputs, reference];
  await refuseReplacing(output, read);
  await checkReportFiles(options, [...read, output]);
  const logger = new RecordingLogger(options.logger ?? silent);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openInputs(inputs, { logger });
  try {
    const prepared = await prepareCells(data, model.vocabulary, options, options);
    tellGeneMatch(prepared, logger);
    const run = { data, prepared, model, device: await openDevice(options), options, logger };
    const done =
      reference === undefined ? await imputeDropouts(run, above) : await imputePanel(run, reference);
    const verdict = verdictOf(done.methods);
    for (const warning of verdict.warnings) logger.warning(warning);
    await done.write();
    if (report !== undefined || figures !== undefined) {
      await writeReportFiles(
        imputeReport(
          done,
          verdict,
          { ...run, device: run.device.name },
          { ...options, warnings: logger.warnings },
        ),
        options,
      );
    }
    return {
      output,
      report: report ?? null,
      figures: figures ?? null,
      layer: 'scgpt_imputed',
      cells: data.nObs,
      genes: done.genes.length,
      filled: done.filled,
      completed: reference !== undefined,
      model: { name: model.name, hash: model.hash, trained: model.trained },
      epochs: Math.max(0, done.history.length - 1),
      methods: done.methods,
      verdict,
      weights: Object.fromEntries(done.weights),
      warnings: logger.warnings,
    };
  } finally {
    await data.close();
  }
}

/** The genes that imputation can say anything of: those in at least three cells. */
const fewestCells = 3;

async function imputeDropouts(
  { data, prepared, model, device, options, logger }: Run,
  above: number,
): Promise<Imputation & { write(): Promise<void> }> {
  const { seed = 0 } = options;
  const { counts, totals } = await countsOf(prepared, data.source, options);
  const columns = await expressedIn(counts, fewestCells, options);
  const rows = await counts.rows(0, counts.shape[0]);
  const expression = await IncompleteExpression.of(chosenGenes(rows, columns), totals);
  requireCells(expression, data.source);
  const names = Array.from(columns, (column) => prepared.genes.index[column]);
  const held = await holdOut(expression, seed);
  const { reading, history, bestStep } = await modelFor(held.expression, names, model, device, {
    ...options,
    logger,
  });
  const tokens = { ...reading, tokenIds: columns.map((column) => prepared.tokenIds[column]) };
  const imputer = await fitDropouts(held, tokens, options);
  const asked = await likelyDropouts(expression, above, options);
  const values = await imputedValues(expression, tokens, imputer, asked, options);
  const weights = new Map(imputer.partNames.map((name, i) => [name, imputer.weights.weights[i]]));
  const methods = imputer.scored.map(({ id, name, scores }) => ({ id, name, scores: { ...scores } }));
  return {
    methods,
    weights,
    history,
    bestStep,
    heldOut: imputer.heldOut,
    genes: names,
    filled: asked.genes.length,
    async write() {
      const record = imputationRecord({ model, device: device.name, seed, above, weights, methods });
      const additions = imputationAdditions(
        data,
        prepared,
        { rows, totals },
        { columns, asked, values },
        record,
      );
      tellReplaced(data, additions, logger);
      await writeData(data, additions, options.output, options);
    },
  };
}

async function imputePanel(
  { data, prepared, model, device, options, logger }: Run,
  path: string,
): Promise<Imputation & { write(): Promise<void> }> {
  const { seed = 0 } = options;
  const own = await countsOf(prepared, data.source, options);
  const other = await openData(path, { logger });
  try {
    const cells = await prepareCells(other, model.vocabulary, { organism: options.organism }, options);
    const known = await countsOf(cells, path, options);
    const place = new Map(prepared.genes.index.map((name, column) => [name, column]));
    const all = await expressedIn(known.counts, fewestCells, options);
    const shared = all.filter((column) => place.has(cells.genes.index[column]));
    const missing = all.filter((column) => !place.has(cells.genes.index[column]));
    requireOverlap(shared.length, missing.length, path);
    const rows = await known.counts.rows(0, other.nObs);
    const part = (columns: Int32Array) => IncompleteExpression.of(chosenGenes(rows, columns), known.totals);
    const reference = { visible: await part(shared), hidden: await part(missing) };
    requireCells(reference.visible, path);
    const sharedNames = Array.from(shared, (column) => cells.genes.index[column]);
    const ownRows = await own.counts.rows(0, data.nObs);
    const query = await IncompleteExpression.of(
      chosenGenes(
        ownRows,
        sharedNames.map((name) => place.get(name) ?? -1),
      ),
      fullTotals(own.totals, reference),
    );
    const names = Array.from(missing, (column) => cells.genes.index[column]);
    const { reading, history, bestStep } = await modelFor(reference.visible, sharedNames, model, device, {
      ...options,
      logger,
    });
    const tokenIds = Int32Array.from([...shared, ...missing], (column) => cells.tokenIds[column]);
    const completion = await completePanel(reference, query, { ...reading, tokenIds }, options);
    const methods = scoresOf(completion);
    return {
      methods,
      weights: completion.weights,
      history,
      bestStep,
      heldOut: null,
      genes: names,
      filled: names.length * data.nObs,
      async write() {
        const { weights } = completion;
        const record = imputationRecord({ model, device: device.name, seed, above: null, weights, methods });
        await writeData(
          completedData(
            data,
            prepared,
            { counts: own.counts, totals: query.totals, names, rows: completion.rows },
            record,
          ),
          {},
          options.output,
          options,
        );
      },
    };
  } finally {
    await other.close();
  }
}

/** A panel sees a part of each cell's counts: the whole is what the reference's shares make of it. */
function fullTotals(
  seen: Float64Array,
  { visible }: { readonly visible: IncompleteExpression },
): Float64Array {
  let [panel, all] = [0, 0];
  for (let cell = 0; cell < visible.cells; cell++) {
    for (let i = visible.rows.indptr[cell]; i < visible.rows.indptr[cell + 1]; i++)
      panel += visible.rows.values[i];
    all += visible.totals[cell];
  }
  const factor = panel > 0 ? all / panel : 1;
  return seen.map((total) => total * factor);
}

function scoresOf({ scored }: PanelCompletion): ScoredMethod[] {
  return scored.map(({ id, name, scores }) => ({ id, name, scores: { ...scores } }));
}

export function requireCells({ cells }: IncompleteExpression, where: string | undefined): void {
  if (cells >= 50) return;
  throw new InputError({
    what: `there are ${cells} cells`,
    where,
    expected: 'at least 50, of which a part is held out',
    reason: 'too_few_cells',
  });
}

function requireOverlap(shared: number, missing: number, reference: string): void {
  if (shared >= 10 && missing > 0) return;
  throw new InputError({
    what:
      missing === 0
        ? 'the reference has no gene that the data lack'
        : `the data and the reference share ${shared} genes`,
    where: reference,
    expected: 'at least 10 genes in both, under the same names, and more genes in the reference',
    advice:
      missing === 0
        ? 'Leave --reference out to impute dropouts'
        : 'Bring the names of genes to one kind, symbols or Ensembl ids',
    reason: 'gene_overlap',
  });
}

/** What a run's source is called. */
export const sourceName = (source: string | undefined): string =>
  source === undefined ? 'cells' : basename(source);
