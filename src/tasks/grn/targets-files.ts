/** @file Targets of regulators from files to files: what `scgpt grn targets` does. */

import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseKnownEdges } from '../../analysis/gene-networks/known-edges.ts';
import { openData } from '../../single-cell/open.ts';
import { RecordingLogger, silent } from '../../support/log.ts';
import { checkOutput, writeFileWhole } from '../../support/write-file.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { readTextFile } from '../text-file.ts';
import type { KnownEdgeScores } from './known-edge-scores.ts';
import { csvFile, graphMl } from './network-files.ts';
import { significantEdges, targetSentences } from './target-words.ts';
import {
  type RegulatorTarget,
  type RegulatorTargetsOptions,
  type RegulatorTargetsResult,
  regulatorTargets,
  strengthOf,
  strongestTargets,
} from './targets.ts';
import { targetsReport } from './targets-report.ts';

/** Options of {@link regulatorTargetFiles} beside those of the computation. */
export interface RegulatorTargetFilesOptions extends RegulatorTargetsOptions, ModelChoice, ReportFiles {
  /** A folder; made where it is missing. */
  readonly output: string;
  /** Targets of each regulator that enter the network. */
  readonly top: number;
  /** A table of known regulators and targets, to score with: nothing is chosen by it. */
  readonly knownEdges?: string | undefined;
}

/** What was done. */
export interface RegulatorTargetSummary {
  readonly output: string;
  readonly files: readonly string[];
  readonly report: string | null;
  readonly figures: string | null;
  readonly conditions: readonly { readonly name: string; readonly cells: number }[];
  readonly genes: number;
  readonly regulators: readonly string[];
  /** The strongest of each regulator. */
  readonly targets: readonly RegulatorTarget[];
  /** Edges with a false discovery rate below 0.05: by condition, then of the difference. */
  readonly significant: readonly number[];
  /** Null where no known edges are given. */
  readonly known: KnownEdgeScores | null;
  /** What came out, in words. */
  readonly sentences: readonly string[];
  readonly seconds: RegulatorTargetsResult['seconds'];
  readonly warnings: readonly string[];
}

/** @throws UsageError, InputError, CheckpointError, OutputError, CancelledError; no partial output is left behind */
export async function regulatorTargetFiles(
  path: string,
  options: RegulatorTargetFilesOptions,
): Promise<RegulatorTargetSummary> {
  const { output, force, knownEdges, report, figures } = options;
  await checkOutput(output, { force, folder: true });
  await checkReportFiles(options, [path, output]);
  const logger = new RecordingLogger(options.logger ?? silent);
  const known =
    knownEdges === undefined
      ? null
      : parseKnownEdges(await readTextFile(knownEdges, 'known edges'), knownEdges);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openData(path, { logger });
  try {
    const result = await regulatorTargets(data, model, known, { ...options, logger });
    const top = strongestTargets(result, options.top);
    const files = tables(result, top);
    await mkdir(output, { recursive: true });
    for (const [name, content] of files) await writeFileWhole(join(output, name), [content], { force });
    if (report !== undefined || figures !== undefined) {
      const context = { ...options, warnings: logger.warnings };
      await writeReportFiles(targetsReport(result, model, basename(path), context), options);
    }
    return {
      output,
      files: [...files.keys()],
      report: report ?? null,
      figures: figures ?? null,
      conditions: result.conditions,
      genes: result.space.names.length,
      regulators: result.regulators,
      targets: top,
      significant: significantEdges(result),
      known: result.known,
      sentences: targetSentences(result),
      seconds: result.seconds,
      warnings: logger.warnings,
    };
  } finally {
    await data.close();
  }
}

function tables(
  { targets, conditions, compared, known }: RegulatorTargetsResult,
  top: readonly RegulatorTarget[],
): ReadonlyMap<string, Uint8Array> {
  const header = [
    'regulator',
    'target',
    ...conditions.flatMap(({ name }) => [
      `attention ${name}`,
      `p ${name}`,
      `fdr ${name}`,
      `co-expression ${name}`,
    ]),
    ...(compared ? ['difference', 'p difference', 'fdr difference'] : []),
  ];
  const rows = targets.map((each) => [
    each.regulator,
    each.target,
    ...conditions.flatMap((_, i) => [
      each.attention[i],
      each.p[i],
      each.falseDiscoveryRate[i],
      each.coExpression[i],
    ]),
    ...(compared ? [each.difference ?? '', each.pDifference ?? '', each.differenceRate ?? ''] : []),
  ]);
  const regulators = new Set(top.map(({ regulator }) => regulator));
  const nodes = new Set(top.flatMap(({ regulator, target }) => [regulator, target]));
  const network = {
    directed: true,
    nodes: Array.from(nodes, (name) => ({ name, group: regulators.has(name) ? 'regulator' : 'target' })),
    edges: top.map((each) => ({
      from: each.regulator,
      to: each.target,
      weight: each.difference ?? strengthOf(each),
    })),
  };
  const files = new Map([
    ['targets.csv', csvFile(header, rows)],
    ['network.graphml', graphMl(network)],
  ]);
  if (known !== null) {
    const scores = known.methods.map(({ name, auroc, aupr, earlyPrecisionRatio, p }) => [
      name,
      auroc,
      aupr,
      earlyPrecisionRatio,
      p ?? '',
      known.edges,
      known.candidates,
    ]);
    const columns = ['ranked_by', 'auroc', 'auprc', 'early_precision_ratio', 'p', 'edges', 'candidates'];
    files.set('known-edges.csv', csvFile(columns, scores));
  }
  return files;
}
