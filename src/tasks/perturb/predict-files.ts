/** @file Predictions from a learnt screen to files: what `scgpt perturb predict` and `scgpt perturb screen` do. */

import { type DeviceOptions, openDevice } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { writeH5ad } from '../../single-cell/h5ad/write.ts';
import { openData } from '../../single-cell/open.ts';
import { writeZarr } from '../../single-cell/zarr/write.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import { openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing } from '../output.ts';
import type { CellSource } from '../prepare.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { controlProfile } from './controls.ts';
import { answer, type PerturbationModel } from './perturbation-model.ts';
import { predictReport } from './predict-report.ts';
import { type Prediction, predictionsOf } from './predictions.ts';
import { cellsOfScreen, cellsOfUser, questionsOf } from './questions.ts';
import { someNames } from './report-sections.ts';
import { predictionData, sampledData } from './results.ts';
import { sampleCells } from './sampled-cells.ts';
import { learntOfModel } from './saved-model.ts';
import { knownPerturbations, type SortedNames, sortNames } from './terms.ts';
import { doubtsInWords } from './validity.ts';

/** Options of {@link predictPerturbationFiles}. */
export interface PredictPerturbationOptions extends CellSource, DeviceOptions, ReportFiles, RunControl {
  /** A folder that `scgpt perturb train` wrote. */
  readonly model: string;
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** Perturbed genes or treatments, each list together. */
  readonly perturbations: readonly (readonly string[])[];
  /** Cells to perturb; default the screen's control cells. */
  readonly cells?: string | undefined;
  /** The obs column of contexts in those cells. */
  readonly contextKey?: string | undefined;
  /** Contexts to predict; default all. */
  readonly contexts?: readonly string[] | undefined;
  /** Where to write sampled single cells. */
  readonly sampledCells?: string | undefined;
  /** How many of each perturbation. Default 200. */
  readonly samples?: number | undefined;
  readonly seed?: number | undefined;
  /** Whether the perturbations are ranked by their effect. Default false. */
  readonly ranked?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly command?: string | undefined;
}

/** A prediction in short. */
export interface PredictedSummary {
  readonly perturbation: string;
  readonly context: string;
  readonly effect: number;
  readonly seen: Prediction['seen'];
  readonly basis: Prediction['basis'];
  readonly doubt: string | null;
  /** Genes that change most, with the change. */
  readonly genes: readonly (readonly [gene: string, change: number])[];
}

/** What was done. */
export interface PredictPerturbationSummary {
  readonly output: string;
  readonly sampledCells: string | null;
  readonly report: string | null;
  readonly genes: number;
  readonly predictions: readonly PredictedSummary[];
  readonly seconds: number;
  readonly warnings: readonly string[];
}

/** Genes that a summary names. */
const namedGenes = 5;

/** @throws UsageError, InputError, CheckpointError, OutputError, CancelledError; no partial output is left behind */
export async function predictPerturbationFiles(
  options: PredictPerturbationOptions,
): Promise<PredictPerturbationSummary> {
  const { output, cells, sampledCells, force, samples = 200, seed = 0 } = options;
  await checkFiles(options);
  const startedAt = performance.now();
  const logger = new RecordingLogger(options.logger ?? silent);
  const control = { onProgress: options.onProgress, signal: options.signal };
  const model = await openModel(options.model, { logger });
  const learnt = await learntOfModel(model);
  const data = cells === undefined ? null : await openData(cells, { logger });
  try {
    const asked =
      data === null ? cellsOfScreen(learnt) : await cellsOfUser(data, learnt, options, logger, control);
    const sorted = await sortNames(options.perturbations.flat(), learnt.terms);
    const perturbations =
      options.ranked === true
        ? withoutUnknown(options.perturbations, sorted, learnt, logger)
        : options.perturbations;
    const questions = questionsOf(perturbations, asked.contexts, options.contexts);
    const device = await openDevice(options);
    const answers = await answer(learnt, questions, device, {
      ...control,
      ...(data === null ? {} : { starts: asked.starts, contexts: asked.contexts }),
    });
    const found = await predictionsOf(learnt, answers, asked, sorted);
    const predictions = options.ranked === true ? found.toSorted((a, b) => b.effect - a.effect) : found;
    for (const sentence of doubtsInWords(predictions)) logger.warning(sentence);
    await write(predictionData(learnt, predictions), output, { force });
    if (sampledCells !== undefined) {
      const drawn = [];
      for (const prediction of predictions) {
        const place = asked.contexts.indexOf(prediction.context);
        const profile = { control: controlProfile(asked.starts, place), change: prediction.change };
        const name = `${prediction.name} ${prediction.context}`;
        drawn.push({
          prediction,
          cells: await sampleCells(asked.controls, place, profile, samples, { seed, name }),
        });
      }
      await write(await sampledData(learnt, drawn), sampledCells, { force });
    }
    if (options.report !== undefined || options.figures !== undefined) {
      const page = predictReport(
        {
          learnt,
          predictions,
          model,
          device: device.name,
          cells: data?.source,
          prepared: asked.prepared,
          ranked: options.ranked === true,
        },
        { ...options, warnings: logger.warnings },
      );
      await writeReportFiles(page, options);
    }
    return {
      output,
      sampledCells: sampledCells ?? null,
      report: options.report ?? null,
      genes: learnt.terms.genes.length,
      predictions: predictions.map((prediction) => inShort(prediction, learnt.terms.genes)),
      seconds: (performance.now() - startedAt) / 1000,
      warnings: logger.warnings,
    };
  } finally {
    await data?.close();
  }
}

/** A long list is not to fail for a gene that the model does not know; where it knows none, asking says why. */
function withoutUnknown(
  perturbations: readonly (readonly string[])[],
  sorted: SortedNames,
  { terms }: PerturbationModel,
  logger: Logger,
): readonly (readonly string[])[] {
  const { known, unknown } = knownPerturbations(perturbations, sorted, terms);
  if (known.length === 0 || unknown.length === 0) return perturbations;
  logger.warning(
    `${plural(unknown.length, 'gene')} of ${perturbations.length} left out, as nothing is known of ${unknown.length === 1 ? 'it' : 'them'}: ${someNames(unknown)}`,
  );
  return known;
}

async function checkFiles(options: PredictPerturbationOptions): Promise<void> {
  const { output, cells, model, sampledCells, force } = options;
  const read = [model, ...(cells === undefined ? [] : [cells])];
  await checkDataOutput(output, { force });
  await refuseReplacing(output, read);
  await checkReportFiles(options, [...read, output]);
  if (sampledCells === undefined) return;
  await checkDataOutput(sampledCells, { force });
  await refuseReplacing(sampledCells, [...read, output]);
}

function write(
  data: AnnData,
  path: string,
  options: { readonly force?: boolean | undefined },
): Promise<void> {
  return /\.zarr\/?$/i.test(path) ? writeZarr(data, path, options) : writeH5ad(data, path, options);
}

function inShort(
  { name, context, effect, seen, basis, doubt, change }: Prediction,
  genes: readonly string[],
): PredictedSummary {
  const order = [...change.keys()]
    .sort((a, b) => Math.abs(change[b]) - Math.abs(change[a]))
    .slice(0, namedGenes);
  return {
    perturbation: name,
    context,
    effect,
    seen,
    basis,
    doubt,
    genes: order.map((gene) => [genes[gene], change[gene]]),
  };
}
