/** @file New cells of each label, from files to files (`scgpt generate cells`). */

import { type DecodedCell, type DrawDecoded, decodedCells } from '../../analysis/generation/decoded-cells.ts';
import { CountRows, expressionOf } from '../../analysis/generation/drawn-cells.ts';
import { plainGenerators } from '../../analysis/generation/plain-generators.ts';
import type { KnownCells } from '../../analysis/generation/population.ts';
import { generationScores, type ScoredGenerator } from '../../analysis/generation/scores.ts';
import { groupingOf } from '../../analysis/groups.ts';
import { chosenGenes } from '../../analysis/imputation/chosen-genes.ts';
import { targetSum } from '../../analysis/imputation/incomplete-expression.ts';
import { openDevice } from '../../runtime/device.ts';
import { AnnData } from '../../single-cell/anndata.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { categorical, DataFrame } from '../../single-cell/data-frame.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { expressedIn } from '../../single-cell/preprocess/filter.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import { randomStream } from '../../support/random.ts';
import { plural } from '../../support/words.ts';
import type { EpochRecord } from '../../train/loop.ts';
import { openInputs } from '../inputs.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, writeData } from '../output.ts';
import { type CellSource, prepareCells, tellGeneMatch } from '../prepare.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { cellEmbeddings } from './cell-embeddings.ts';
import { cellsReport } from './cells-report.ts';
import { generationVerdict } from './cells-verdict.ts';
import { countsOf } from './counts.ts';
import { requireCells } from './impute-files.ts';
import { chosenKinds } from './kinds.ts';
import { modelFor, type TuningOptions } from './model-for.ts';
import type { ModelReading } from './model-values.ts';
import { generationRecord } from './results.ts';
import type { Verdict } from './verdict.ts';

/** Options of {@link generateCellsFiles}. */
export interface GenerateCellsOptions extends CellSource, ModelChoice, TuningOptions, ReportFiles {
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** The obs column of what cells are generated of: types, conditions. */
  readonly labelKey: string;
  /** Some of its labels. Default all with at least 10 cells. */
  readonly labels?: readonly string[] | undefined;
  /** Cells of each label. Default 100. */
  readonly cells?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** A way to generate cells and what its cells score. */
export interface ComparedGenerator {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly scores: ScoredGenerator;
}

/** What was done. */
export interface GenerateCellsSummary {
  readonly output: string;
  readonly report: string | null;
  readonly figures: string | null;
  readonly layer: string;
  readonly labels: readonly string[];
  readonly cells: number;
  readonly genes: number;
  readonly heldOut: number;
  readonly epochs: number;
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly methods: readonly ComparedGenerator[];
  readonly verdict: Verdict;
  readonly warnings: readonly string[];
}

/** What came of a run, before it is written. */
export interface GeneratedCells {
  readonly kinds: KnownCells['kinds'];
  readonly methods: readonly ComparedGenerator[];
  readonly heldOut: number;
  readonly history: readonly EpochRecord[];
  readonly bestStep: number;
  /** Counts of the new cells, and what they are of. */
  readonly made: KnownCells;
  readonly genes: readonly string[];
}

/** Every so many-th cell, in random order, is held out to score with. */
const heldOutEvery = 5;
const layer = 'scgpt_generated';
/** Genes in fewer cells are left out. */
const fewestCells = 3;

/**
 * Learns to generate cells of each label and writes new ones: the model, fine-tuned, embeds the cells; new embeddings
 * are drawn around those of a label; a decoder, told embedding and label, says what counts are expected; counts are
 * drawn. Cells held out of all of that tell what it is worth, beside plain ways.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError; no partial output is left
 */
export async function generateCellsFiles(
  inputs: readonly string[],
  options: GenerateCellsOptions,
): Promise<GenerateCellsSummary> {
  const { output, force, labelKey, labels, cells = 100, report, figures, seed = 0 } = options;
  await checkDataOutput(output, { force });
  await refuseReplacing(output, inputs);
  await checkReportFiles(options, [...inputs, output]);
  const logger = new RecordingLogger(options.logger ?? silent);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openInputs(inputs, { logger });
  try {
    const column = chosenKinds(groupingOf(labelKey, data.obs.column(labelKey)), labels, data.source, logger);
    const prepared = await prepareCells(data, model.vocabulary, options, options);
    tellGeneMatch(prepared, logger);
    const { counts } = await countsOf(prepared, data.source, options);
    const columns = await expressedIn(counts, fewestCells, options);
    const whole = chosenGenes(await counts.rows(0, data.nObs), columns);
    const names = Array.from(columns, (gene) => prepared.genes.index[gene]);
    const tokenIds = columns.map((gene) => prepared.tokenIds[gene]);
    const rows = readableRows(await whole.rows(0, data.nObs), tokenIds, column.codes, logger);
    const all = await someCells(whole, rows, column);
    requireCells(all.expression, data.source);
    const { training, heldOut } = await splitCells(all, seed);
    const device = await openDevice(options);
    const { reading, history, bestStep } = await modelFor(training.expression, names, model, device, {
      ...options,
      logger,
    });
    const read = { ...reading, tokenIds };
    const methods = await compared(training, heldOut, read, options);
    const verdict = generationVerdict(methods);
    for (const warning of verdict.warnings) logger.warning(warning);
    const draw = await decodedCells(all, await cellEmbeddings(read, all.expression, options), options);
    const made = await newCells(draw, all, names, { cells, seed });
    const record = generationRecord({ model, device: device.name, seed, labelKey, methods });
    await writeData(withRecord(made.data, record), {}, output, options);
    const done = {
      kinds: all.kinds,
      methods,
      heldOut: heldOut.expression.cells,
      history,
      bestStep,
      made: made.known,
      genes: names,
    };
    if (report !== undefined || figures !== undefined) {
      const run = { data, prepared, model, device: device.name };
      await writeReportFiles(
        await cellsReport(done, verdict, run, { ...options, warnings: logger.warnings }),
        options,
      );
    }
    return {
      output,
      report: report ?? null,
      figures: figures ?? null,
      layer,
      labels: all.kinds.groups,
      cells: made.known.expression.cells,
      genes: names.length,
      heldOut: done.heldOut,
      epochs: Math.max(0, history.length - 1),
      model: { name: model.name, hash: model.hash, trained: model.trained },
      methods,
      verdict,
      warnings: logger.warnings,
    };
  } finally {
    await data.close();
  }
}

/** Rows of a label that takes part, with a gene that the model knows. */
function readableRows(
  { rowCount, indptr, indices, values }: Awaited<ReturnType<CsrMatrix['rows']>>,
  tokenIds: Int32Array,
  codes: Int32Array,
  logger: Logger,
): Int32Array {
  const labelled = Int32Array.from({ length: rowCount }, (_, row) => row).filter((row) => codes[row] >= 0);
  const kept = labelled.filter((row) => {
    for (let i = indptr[row]; i < indptr[row + 1]; i++)
      if (values[i] > 0 && tokenIds[indices[i]] >= 0) return true;
    return false;
  });
  const empty = labelled.length - kept.length;
  if (empty > 0)
    logger.warning(`${plural(empty, 'cell')} without any gene that the model knows take no part`);
  return kept;
}

async function someCells(
  counts: CsrMatrix,
  rows: Int32Array,
  kinds: KnownCells['kinds'],
): Promise<KnownCells> {
  return {
    expression: await expressionOf(await inMemory(selectCells(counts, rows))),
    kinds: { ...kinds, codes: rows.map((row) => kinds.codes[row]) },
  };
}

/** A fifth of the cells of every label is held out. */
async function splitCells({ expression, kinds }: KnownCells, seed: number) {
  const order = randomStream(seed, 'held-out cells').shuffle(
    Int32Array.from({ length: expression.cells }, (_, cell) => cell),
  );
  const seen = new Int32Array(kinds.groups.length);
  const held = new Uint8Array(expression.cells);
  for (const cell of order) {
    if (seen[kinds.codes[cell]]++ % heldOutEvery === heldOutEvery - 1) held[cell] = 1;
  }
  const part = (value: number) =>
    someCells(
      expression.counts,
      order
        .slice()
        .sort()
        .filter((cell) => held[cell] === value),
      kinds,
    );
  return { training: await part(0), heldOut: await part(1) };
}

/** The model's cells and those of plain ways, scored on held-out cells. */
async function compared(
  training: KnownCells,
  heldOut: KnownCells,
  reading: ModelReading,
  options: GenerateCellsOptions,
): Promise<ComparedGenerator[]> {
  const { seed = 0 } = options;
  const embedded = await cellEmbeddings(reading, training.expression, options);
  const draw = await decodedCells(training, embedded, options);
  const own = {
    id: 'scgpt',
    name: 'scGPT',
    about: 'drawn around the embeddings of the kind, decoded',
    scores: await generationScores(
      (kind, random, into) => into.set(draw(kind, random).counts),
      { training, heldOut },
      seed,
      options,
    ),
  };
  const methods: ComparedGenerator[] = [own];
  for (const generator of [...plainGenerators].reverse()) {
    const { id, name, about } = generator;
    const plain = await generator.fit(training, options);
    methods.push({
      id,
      name,
      about,
      scores: await generationScores(plain, { training, heldOut }, seed, options),
    });
  }
  return methods;
}

/** So many cells of each kind: counts in X, what is expected in the layer. */
async function newCells(
  draw: DrawDecoded,
  { kinds }: KnownCells,
  names: readonly string[],
  { cells, seed }: { readonly cells: number; readonly seed: number },
) {
  const rows = new CountRows();
  const total = cells * kinds.groups.length;
  const expected = new Float32Array(total * names.length);
  const codes = Int32Array.from({ length: total }, (_, row) => Math.floor(row / cells));
  codes.forEach((kind, row) => {
    const cell = draw(kind, randomStream(seed, 'new cell', kind, row % cells));
    rows.add(cell.counts);
    expected.set(logged(cell), row * names.length);
  });
  const known = { expression: await expressionOf(rows.matrix(names.length)), kinds: { ...kinds, codes } };
  const labels = Array.from(codes, (kind) => kinds.groups[kind]);
  const data = new AnnData({
    X: known.expression.counts,
    obs: new DataFrame(
      labels.map((label, row) => `${label}_${(row % cells) + 1}`),
      [[kinds.name, categorical(labels)]],
    ),
    var: new DataFrame([...names]),
    layers: [[layer, denseMatrix(expected, total, names.length)]],
  });
  return { known, data };
}

function logged({ rates, total }: DecodedCell): Float64Array {
  return rates.map((rate) => Math.log1p((rate * targetSum) / total));
}

/** All values as entries. */
export function denseMatrix(values: Float32Array, rows: number, columns: number): CsrMatrix {
  return new CsrMatrix([rows, columns], {
    indptr: Float64Array.from({ length: rows + 1 }, (_, row) => row * columns),
    indices: Int32Array.from(values, (_, i) => i % columns),
    values,
  });
}

function withRecord(data: AnnData, record: ReturnType<typeof generationRecord>): AnnData {
  const { X, obs, var: genes, layers } = data;
  return new AnnData({ X, obs, var: genes, layers: [...layers], uns: [['scgpt_generate', record]] });
}
