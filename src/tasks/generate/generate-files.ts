/** @file Generation from files to files: genes from given genes, or whole cells from embeddings (`scgpt generate genes | cells`). */

import { chosenGenes } from '../../analysis/imputation/chosen-genes.ts';
import { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import { createEmbedder } from '../../model/embedder.ts';
import { createGenerator } from '../../model/generate.ts';
import { openDevice } from '../../runtime/device.ts';
import { AnnData } from '../../single-cell/anndata.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import { expressedIn } from '../../single-cell/preprocess/filter.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import { plural } from '../../support/words.ts';
import { openInputs } from '../inputs.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, writeData } from '../output.ts';
import { type CellSource, prepareCells, tellGeneMatch } from '../prepare.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { denseMatrix } from './cells-files.ts';
import { countsOf } from './counts.ts';
import { fitDropouts, holdOut } from './dropouts.ts';
import { promptedGenes } from './gene-prompts.ts';
import { generateReport } from './generate-report.ts';
import { requireCells, type ScoredMethod } from './impute-files.ts';
import { modelFor, type TuningOptions } from './model-for.ts';
import { ask, embeddingOf, type ModelReading, promptOf, valueOfBin } from './model-values.ts';
import { imputationRecord } from './results.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** Options of {@link generateFiles}. */
export interface GenerateOptions extends CellSource, ModelChoice, TuningOptions, ReportFiles {
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** What is given: genes of each cell, or the embedding of a cell or of a label's cells. */
  readonly from: 'genes' | 'cell';
  /** The genes to generate. Default: all genes of the data, but those given. */
  readonly genes?: readonly string[] | undefined;
  /** The genes that are given. Default: all genes of the data, but those to generate. */
  readonly given?: readonly string[] | undefined;
  /** An obs column: one profile is generated for each of its labels, from the mean embedding of its cells. */
  readonly labelKey?: string | undefined;
  /** Some of its labels. */
  readonly labels?: readonly string[] | undefined;
  /** Steps, most confident genes first; default 1. */
  readonly steps?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** What was done. */
export interface GenerateSummary {
  readonly output: string;
  readonly report: string | null;
  readonly figures: string | null;
  readonly layer: string;
  readonly from: 'genes' | 'cell';
  /** Rows of the output. */
  readonly profiles: number;
  readonly genes: number;
  readonly given: number;
  /** Genes that other cells show, whose values are told together with plain methods. */
  readonly measured: number;
  /** What each part of those counts for. */
  readonly weights: Readonly<Record<string, number>>;
  readonly epochs: number;
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly methods: readonly ScoredMethod[];
  readonly verdict: Verdict;
  readonly warnings: readonly string[];
}

const layer = 'scgpt_generated';
/** Whether a gene's values count zeros, as other cells show them, or say what it is where it is expressed. */
const expectedColumn = 'scgpt_expected';
/** Genes in fewer cells have nothing to be scored on. */
const fewestCells = 3;

/**
 * Generates genes of each cell, or profiles from embeddings, on the scale of ln(1 + 10,000 count / total). Genes that the
 * data show in some cells are told of each cell from other cells and the model together, zeros counting; of all others the
 * model alone says what they would be where they are expressed, for the published objective is told of genes above zero
 * alone. What that is worth is scored on held-out values, of the generated genes or, where there are none, of the given.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError; no partial output is left
 */
export async function generateFiles(
  inputs: readonly string[],
  options: GenerateOptions,
): Promise<GenerateSummary> {
  const { output, force, from, seed = 0, steps = 1 } = options;
  await checkDataOutput(output, { force });
  await refuseReplacing(output, inputs);
  await checkReportFiles(options, [...inputs, output]);
  const logger = new RecordingLogger(options.logger ?? silent);
  const { genes: asked = null, given = null } = options;
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openInputs(inputs, { logger });
  try {
    const prepared = await prepareCells(data, model.vocabulary, options, options);
    tellGeneMatch(prepared, logger);
    const { counts, totals } = await countsOf(prepared, data.source, options);
    const names = prepared.genes.index;
    const wanted = wantedGenes(asked, given, names, (name) => model.vocabulary.tokens.indexOf(name));
    const measured = new Map(names.map((name, column) => [name, column]));
    const tokens = wanted.map((name) => tokenOf(name, measured, prepared.tokenIds, model.vocabulary.tokens));
    const known = (await expressedIn(counts, fewestCells, options)).filter((column) =>
      given === null
        ? from === 'cell' || asked === null || !asked.includes(names[column])
        : given.includes(names[column]),
    );
    requireGiven(given, known.length, names, data.source);
    const rows = await counts.rows(0, counts.shape[0]);
    const expression = await IncompleteExpression.of(chosenGenes(rows, known), totals);
    requireCells(expression, data.source);
    const knownNames = Array.from(known, (column) => names[column]);
    const groups = from === 'cell' ? groupsOf(data, options) : null;
    const device = await openDevice(options);
    const tokenIds = Int32Array.from(known, (column) => prepared.tokenIds[column]);
    const shown = new Set(await expressedIn(counts, fewestCells, options));
    const told =
      from === 'cell' ? [] : [...wanted.keys()].filter((gene) => shown.has(measured.get(wanted[gene]) ?? -1)); // places among the wanted
    const held = told.length > 0 ? null : await holdOut(expression, seed);
    const learnt = held?.expression ?? expression;
    const ready = await modelFor(learnt, knownNames, model, device, { ...options, logger });
    const reading: ModelReading = { ...ready.reading, tokenIds, prompt: from, steps };
    let [methods, weights]: [ScoredMethod[], ReadonlyMap<string, number>] = [[], new Map()];
    let values: Float32Array;
    const obs = groups === null ? data.obs : new DataFrame(groups.names);
    if (held === null) {
      const columns = told.map((gene) => measured.get(wanted[gene]) ?? -1);
      const truth = await IncompleteExpression.of(chosenGenes(rows, columns), totals);
      const all = {
        ...reading,
        tokenIds: Int32Array.from([...tokenIds, ...told.map((gene) => tokens[gene])]),
      };
      const completion = await promptedGenes(expression, truth, all, options);
      methods = completion.scored.map(({ id, name, scores }) => ({ id, name, scores: { ...scores } }));
      weights = completion.weights;
      values = new Float32Array(obs.length * wanted.length);
      if (told.length < wanted.length) {
        logger.warning(
          `${plural(wanted.length - told.length, 'gene')} that fewer than ${fewestCells} cells show: the model alone tells what they would be where they are expressed, and nothing here can tell whether that is right`,
        );
        values = await generatedProfiles(reading, expression, tokens, groups, options);
      }
      const row = new Float64Array(told.length);
      for (let cell = 0; cell < obs.length; cell++) {
        completion.rows(cell, row);
        told.forEach((gene, i) => {
          values[cell * wanted.length + gene] = row[i];
        });
      }
    } else {
      const fitted = await fitDropouts(held, reading, options);
      methods = fitted.scored
        .filter(({ id }) => id !== 'scgpt-stacked')
        .map(({ id, name, scores }) => ({ id, name, scores: { ...scores } }));
      values = await generatedProfiles(reading, expression, tokens, groups, options);
    }
    const verdict = verdictOf(methods, held === null ? 'pearsonPerGene' : 'pearsonPerCell');
    for (const warning of verdict.warnings) logger.warning(warning);
    const made = denseMatrix(values, obs.length, wanted.length);
    const record = imputationRecord({ model, device: device.name, seed, above: null, weights, methods });
    const isTold = Uint8Array.from(wanted.keys(), (gene) => (told.includes(gene) ? 1 : 0));
    const result = new AnnData({
      X: made,
      obs,
      var: new DataFrame(wanted, [[expectedColumn, { kind: 'boolean', values: isTold }]]),
      layers: [[layer, made]],
      uns: [['scgpt_generate', record]],
    });
    await writeData(result, {}, output, options);
    const summary: GenerateSummary = {
      output,
      report: options.report ?? null,
      figures: options.figures ?? null,
      layer,
      from,
      profiles: obs.length,
      genes: wanted.length,
      given: known.length,
      measured: told.length,
      weights: Object.fromEntries(weights),
      epochs: Math.max(0, ready.history.length - 1),
      model: { name: model.name, hash: model.hash, trained: model.trained },
      methods,
      verdict,
      warnings: logger.warnings,
    };
    if (options.report !== undefined || options.figures !== undefined) {
      const run = { data, prepared, model, device: device.name, ...ready };
      await writeReportFiles(
        generateReport(summary, run, { ...options, warnings: logger.warnings }),
        options,
      );
    }
    return summary;
  } finally {
    await data.close();
  }
}

function wantedGenes(
  asked: readonly string[] | null,
  given: readonly string[] | null,
  names: readonly string[],
  tokenOfName: (name: string) => number,
): string[] {
  const both = asked?.filter((name) => given?.includes(name)) ?? [];
  if (both.length > 0) {
    throw new UsageError({
      what: `${both.slice(0, 5).join(', ')} is given and to be generated`,
      where: '--genes',
    });
  }
  const wanted = asked ?? names.filter((name) => given === null || !given.includes(name));
  return [...new Set(wanted)].filter((name) => asked !== null || tokenOfName(name) >= 0);
}

function tokenOf(
  name: string,
  measured: ReadonlyMap<string, number>,
  tokenIds: Int32Array,
  tokens: readonly string[],
): number {
  const column = measured.get(name);
  const token = column === undefined ? tokens.indexOf(name) : tokenIds[column];
  if (token >= 0 && !name.startsWith('<')) return token;
  throw new InputError({
    what: `the model does not know the gene '${name}'`,
    where: '--genes',
    expected: `genes of its vocabulary, such as ${tokens.slice(100, 103).join(', ')}`,
    reason: 'gene_unknown',
  });
}

function requireGiven(
  given: readonly string[] | null,
  known: number,
  names: readonly string[],
  where: string | undefined,
): void {
  if (known >= 10) return;
  const missing = given?.filter((name) => !names.includes(name)) ?? [];
  throw new InputError({
    what: `${known} genes are given that at least ${fewestCells} cells express${missing.length > 0 ? `; the data lack ${missing.slice(0, 5).join(', ')}` : ''}`,
    where,
    expected: 'at least 10: a fifth of their values is held out to tell what generation is worth',
    reason: 'too_few_genes',
  });
}

/** Labels and their cells. */
interface LabelGroups {
  readonly names: readonly string[];
  readonly codes: Int32Array; // [cells], -1 for cells that take no part
}

function groupsOf(data: AnnData, { labelKey, labels }: GenerateOptions): LabelGroups | null {
  if (labelKey === undefined) return null;
  const column = data.obs.strings(labelKey);
  const all = [...new Set(column.filter((value) => value !== null))].sort();
  const unknown = labels?.find((label) => !all.includes(label));
  if (unknown !== undefined) {
    throw new InputError({
      what: `no cell is '${unknown}'`,
      where: `obs/${labelKey}`,
      expected: `some of ${all.slice(0, 20).join(', ')}`,
      reason: 'label_unknown',
    });
  }
  const names = labels ?? all;
  return { names, codes: Int32Array.from(column, (value) => (value === null ? -1 : names.indexOf(value))) };
}

/** Logged values, row by row; NaN for cells of which nothing is known. */
async function generatedProfiles(
  reading: ModelReading,
  expression: IncompleteExpression,
  tokens: readonly number[],
  groups: LabelGroups | null,
  { onProgress, steps }: GenerateOptions,
): Promise<Float32Array> {
  const { model, device } = reading;
  const { config, parameters } = model;
  const generator = createGenerator(device, config, parameters);
  const embedder = await createEmbedder(device, config, parameters, { unitLength: false });
  const wanted = Int32Array.from(tokens);
  const profiles = groups?.names.length ?? expression.cells;
  const values = new Float32Array(profiles * wanted.length).fill(Number.NaN);
  const put = async (row: number, prompt: Parameters<typeof ask>[1], edges: Float64Array) => {
    const bins = await ask(generator, prompt, wanted, steps);
    bins.forEach((bin, gene) => {
      values[row * wanted.length + gene] = valueOfBin(edges, bin);
    });
    onProgress?.({ stage: 'generating', done: row + 1, total: profiles, unit: 'profiles' });
  };
  try {
    if (groups === null) {
      for (let cell = 0; cell < expression.cells; cell++) {
        const prompt = promptOf(reading, expression, cell);
        if (prompt === null) continue;
        const given = reading.prompt === 'cell' ? await embeddingOf(embedder, prompt.tokens) : prompt.tokens;
        await put(cell, given, prompt.edges);
      }
      return values;
    }
    const embeddings = groups.names.map(() => new Float64Array(config.embeddingSize));
    const edges = groups.names.map(() => new Float64Array(config.bins - 1));
    const sizes = new Float64Array(groups.names.length);
    for (let cell = 0; cell < expression.cells; cell++) {
      const group = groups.codes[cell];
      const prompt = group < 0 ? null : promptOf(reading, expression, cell);
      if (prompt === null) continue;
      const own = await embeddingOf(embedder, prompt.tokens);
      sizes[group]++;
      for (let i = 0; i < own.length; i++) embeddings[group][i] += own[i];
      for (let i = 0; i < prompt.edges.length; i++) edges[group][i] += prompt.edges[i];
    }
    for (const group of groups.names.keys()) {
      if (sizes[group] === 0) continue;
      await put(
        group,
        Float32Array.from(embeddings[group], (sum) => sum / sizes[group]),
        edges[group].map((sum) => sum / sizes[group]),
      );
    }
    return values;
  } finally {
    await generator.dispose();
    await embedder.dispose();
  }
}
