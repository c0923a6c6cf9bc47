/** @file Learning a screen from files to a model folder: what `scgpt perturb train` does. */

import { checkModelOutput, writeModelFolder } from '../../model/folder-on-disk.ts';
import { type DeviceOptions, openDevice } from '../../runtime/device.ts';
import { type GeneSet, parseGeneSets } from '../../single-cell/genes/gene-sets.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { openInputs } from '../inputs.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { refuseReplacing } from '../output.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { readTextFile } from '../text-file.ts';
import { fitScreen } from './fit.ts';
import type { HeldOutScores } from './held-out-scores.ts';
import type { Recall } from './recall.ts';
import { openScreenRun } from './run-parts.ts';
import { modelToSave } from './saved-model.ts';
import { type ScreenKeys, screenData } from './screen-data.ts';
import { perturbSettings, type SomeSettings } from './settings.ts';
import { trainReport } from './train-report.ts';

/** Options of {@link trainPerturbationFiles}. */
export interface TrainPerturbationOptions
  extends SomeSettings,
    ScreenKeys,
    DeviceOptions,
    ModelChoice,
    ReportFiles,
    RunControl {
  /** A folder for the model. */
  readonly output: string;
  /** Train as the reference does. Default false. */
  readonly reference?: boolean | undefined;
  /** A GMT file of gene sets: what perturbed genes have to do with each other. */
  readonly geneSets?: string | undefined;
  /** A folder for logs and checkpoints of the fine-tuning. */
  readonly run?: string | undefined;
  /** Go on with the run in that folder. */
  readonly resume?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/** What was done. */
export interface TrainPerturbationSummary {
  readonly output: string;
  readonly report: string | null;
  readonly cells: number;
  readonly genes: number;
  readonly perturbations: number;
  readonly contexts: readonly string[];
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly epochs: number;
  /** What each predictor counts for in the final prediction. */
  readonly weights: Readonly<Record<string, number>>;
  /** Null where nothing could be held out. */
  readonly heldOut: HeldOutScores | null;
  readonly recall: Recall | null;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

/** @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError; no partial output is left */
export async function trainPerturbationFiles(
  inputs: readonly string[],
  options: TrainPerturbationOptions,
): Promise<TrainPerturbationSummary> {
  const { output, force, report } = options;
  await checkModelOutput(output, { force });
  await refuseReplacing(output, inputs);
  await checkReportFiles(options, [...inputs, output]);
  const settings = perturbSettings(options, options.reference);
  const logger = new RecordingLogger(options.logger ?? silent);
  const sets = await geneSetsOf(options.geneSets);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openInputs(inputs, { batchKey: options.batchKey, logger });
  try {
    const control = { onProgress: options.onProgress, signal: options.signal };
    const screen = await screenData(data, model.vocabulary, options, settings.targetSum, logger, control);
    const { run, resume } = options;
    const about = { screen, model, settings, geneSets: sets.text };
    const openPart = await openScreenRun({ run, resume, force, logger }, about);
    const device = await openDevice(options);
    const pretrained = {
      config: model.config,
      vocabulary: model.vocabulary,
      parameters: await model.parameters(),
    };
    const fitted = await fitScreen(screen, pretrained, {
      device,
      settings,
      geneSets: sets.geneSets,
      logger,
      openPart,
      ...control,
    });
    const heldOut = fitted.heldOutScores;
    await writeModelFolder(output, await modelToSave(fitted.learnt), { force });
    if (report !== undefined || options.figures !== undefined) {
      const page = trainReport(
        { screen, fitted, model, device: device.name, source: data.source },
        {
          ...options,
          warnings: logger.warnings,
        },
      );
      await writeReportFiles(page, options);
    }
    return {
      output,
      report: report ?? null,
      cells: screen.screen.codes.filter((code) => code >= 0).length,
      genes: screen.genes.length,
      perturbations: screen.screen.conditions.length - 1,
      contexts: screen.contexts,
      model: { name: model.name, hash: model.hash, trained: model.trained },
      epochs: fitted.epochs,
      weights: Object.fromEntries(fitted.learnt.weights),
      heldOut,
      recall: fitted.learnt.worth?.recall ?? null,
      seconds: fitted.seconds,
      warnings: logger.warnings,
    };
  } finally {
    await data.close();
  }
}

/** @throws InputError when the file cannot be read */
async function geneSetsOf(
  path: string | undefined,
): Promise<{ readonly geneSets: readonly GeneSet[]; readonly text: string }> {
  if (path === undefined) return { geneSets: [], text: '' };
  const text = await readTextFile(path, 'gene sets');
  return { geneSets: parseGeneSets(text, path), text };
}
