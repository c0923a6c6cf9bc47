/** @file Which perturbations lead from one state of cells to another: what `scgpt perturb reverse` does. */

import { groupingOf } from '../../analysis/groups.ts';
import { type DeviceOptions, openDevice } from '../../runtime/device.ts';
import { openData } from '../../single-cell/open.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { didYouMean } from '../../support/similar-word.ts';
import { checkOutput, writeFileWhole } from '../../support/write-file.ts';
import { openModel } from '../model.ts';
import { refuseReplacing } from '../output.ts';
import type { CellSource } from '../prepare.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { type Answer, answer, modelId, stackId } from './perturbation-model.ts';
import { cellsOfUser } from './questions.ts';
import { fitOf, type Recall } from './recall.ts';
import { reverseReport } from './reverse-report.ts';
import { learntOfModel } from './saved-model.ts';
import { sortNames } from './terms.ts';
import { doubtsInWords, type Validity, validity } from './validity.ts';

/** Options of {@link reversePerturbationFiles}. */
export interface ReversePerturbationOptions extends CellSource, DeviceOptions, ReportFiles, RunControl {
  /** A folder that `scgpt perturb train` wrote. */
  readonly model: string;
  /** Cells of both states. */
  readonly cells: string;
  /** The obs column that tells states. */
  readonly stateKey: string;
  readonly from: string;
  readonly to: string;
  /** Perturbations to choose from; default those of the screen. */
  readonly perturbations?: readonly (readonly string[])[] | undefined;
  /** Whether pairs of single perturbations are tried, too. Default false. */
  readonly pairs?: boolean | undefined;
  /** A name that ends in .csv. */
  readonly output: string;
  readonly logger?: Logger | undefined;
}

/** A perturbation and how well it explains the difference. */
export interface RankedPerturbation extends Validity {
  readonly perturbation: string;
  /** Correlation of its predicted change with the difference of states. */
  readonly fit: number;
  /** Of the model alone. */
  readonly modelFit: number;
  /** Share of the difference that is left when the prediction, best scaled, is taken off; 1 explains nothing. */
  readonly unexplained: number;
}

/** What was done. */
export interface ReversePerturbationSummary {
  readonly output: string;
  readonly report: string | null;
  readonly from: { readonly state: string; readonly cells: number };
  readonly to: { readonly state: string; readonly cells: number };
  readonly ranking: readonly RankedPerturbation[];
  /** How often the true perturbation was found while it was held out; null where nothing was. */
  readonly recall: Recall | null;
  readonly warnings: readonly string[];
}

/** @throws UsageError, InputError, CheckpointError, OutputError, CancelledError */
export async function reversePerturbationFiles(
  options: ReversePerturbationOptions,
): Promise<ReversePerturbationSummary> {
  const { output, force, cells, stateKey, from, to, pairs = false } = options;
  await checkOutput(output, { force });
  await refuseReplacing(output, [options.model, cells]);
  await checkReportFiles(options, [options.model, cells, output]);
  const logger = new RecordingLogger(options.logger ?? silent);
  const control = { onProgress: options.onProgress, signal: options.signal };
  const model = await openModel(options.model, { logger });
  const learnt = await learntOfModel(model);
  const data = await openData(cells, { logger });
  try {
    const { groups } = groupingOf(stateKey, data.obs.column(stateKey));
    for (const state of [from, to]) requireState(state, groups, stateKey);
    if (from === to) throw sameState(from, stateKey);
    const asked = await cellsOfUser(data, learnt, { ...options, contextKey: stateKey }, logger, control);
    const [before, after] = [from, to].map((state) => asked.starts[asked.contexts.indexOf(state)]);
    const difference = Float64Array.from(after.values, (value, gene) => value - before.values[gene]);
    const names = candidates(
      learnt.known.map((each) => each.names),
      options.perturbations,
      pairs,
    );
    const questions = names.map((each) => ({ names: each, context: from }));
    const device = await openDevice(options);
    const found = await answer(learnt, questions, device, {
      ...control,
      starts: asked.starts,
      contexts: asked.contexts,
    });
    const sorted = await sortNames(names.flat(), learnt.terms);
    const judge = validity(learnt, sorted);
    const order = found
      .map((each) => ({ answered: each, ranked: { ...ranked(each, difference), ...judge(each.names) } }))
      .sort((a, b) => b.ranked.fit - a.ranked.fit);
    const ranking = order.map((each) => each.ranked);
    tellDoubts(ranking, logger);
    await writeFileWhole(output, [csv(ranking)], { force });
    const sizeOf = (state: string) => ({ state, cells: asked.starts[asked.contexts.indexOf(state)].cells });
    const states = { from: sizeOf(from), to: sizeOf(to) };
    const { report = null, figures } = options;
    if (report !== null || figures !== undefined) {
      const changes = order.map(({ answered }) => answered.changes.get(stackId) as Float64Array);
      const page = reverseReport(
        {
          ...states,
          learnt,
          ranking,
          changes,
          before: before.values,
          after: after.values,
          model,
          device: device.name,
          stateKey,
          source: data.source,
          prepared: asked.prepared,
        },
        { ...options, warnings: logger.warnings },
      );
      await writeReportFiles(page, options);
    }
    const recall = learnt.worth?.recall ?? null;
    return { output, report, ...states, ranking, recall, warnings: logger.warnings };
  } finally {
    await data.close();
  }
}

function requireState(state: string, states: readonly string[], column: string): void {
  if (states.includes(state)) return;
  throw new UsageError({
    what: `no cell is '${state}'`,
    where: `obs, column ${column}`,
    expected: `one of ${states.slice(0, 20).join(', ')}`,
    advice: didYouMean(state, states),
    reason: 'state',
  });
}

function sameState(state: string, column: string): UsageError {
  return new UsageError({
    what: `'${state}' is where cells are and where they are to go`,
    where: `obs, column ${column}`,
    expected: '--from and --to with different states',
    reason: 'state',
  });
}

/** Correlations up to this explain nothing. */
const least = 0.1;

function tellDoubts(ranking: readonly RankedPerturbation[], logger: Logger): void {
  const best = ranking[0]?.fit ?? 0;
  if (best < least) {
    logger.warning(`no perturbation explains the difference: the best correlates ${best.toFixed(2)} with it`);
  }
  const named = ranking.map(({ perturbation, doubt }) => ({ name: perturbation, doubt }));
  for (const sentence of doubtsInWords(named)) logger.warning(sentence);
}

function candidates(
  known: readonly (readonly string[])[],
  given: readonly (readonly string[])[] | undefined,
  pairs: boolean,
): readonly (readonly string[])[] {
  const unique = new Map((given ?? known).map((names) => [names.join('+'), names]));
  if (!pairs) return [...unique.values()];
  const singles = [...unique.values()].filter((names) => names.length === 1).map(([name]) => name);
  singles.forEach((a, i) => {
    for (const b of singles.slice(i + 1)) unique.set([a, b].sort().join('+'), [a, b].sort());
  });
  return [...unique.values()];
}

function ranked(
  { names, changes }: Answer,
  difference: Float64Array,
): Omit<RankedPerturbation, keyof Validity> {
  const model = changes.get(modelId) as Float64Array;
  const change = changes.get(stackId) as Float64Array;
  let [both, own, all] = [0, 0, 0];
  for (let gene = 0; gene < change.length; gene++) {
    both += change[gene] * difference[gene];
    own += change[gene] ** 2;
    all += difference[gene] ** 2;
  }
  const scale = own > 0 ? Math.max(0, both / own) : 0;
  return {
    perturbation: names.join('+'),
    fit: fitOf(change, difference),
    modelFit: fitOf(model, difference),
    unexplained: all > 0 ? (all - 2 * scale * both + scale ** 2 * own) / all : 1,
  };
}

function csv(ranking: readonly RankedPerturbation[]): Uint8Array {
  const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = ranking.map(({ perturbation, fit, modelFit, unexplained, seen, doubt }, i) =>
    [
      i + 1,
      quoted(perturbation),
      ...[fit, modelFit, unexplained].map((value) => value.toPrecision(6)),
      seen,
      quoted(doubt ?? ''),
    ].join(','),
  );
  return new TextEncoder().encode(
    `rank,perturbation,correlation,correlation_model,unexplained,seen,doubt\n${lines.join('\n')}\n`,
  );
}
