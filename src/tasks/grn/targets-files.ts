/** @file Targets of regulators by attention, per condition and between two: what `scgpt grn targets` does. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { falseDiscoveryRates } from '../../analysis/false-discovery.ts';
import { otherRegulatorsNull, shuffledConditionsNull } from '../../analysis/gene-networks/permutation.ts';
import { correlationSimilarity } from '../../analysis/gene-networks/similarity.ts';
import { groupingOf } from '../../analysis/groups.ts';
import { takeRows } from '../../analysis/points.ts';
import { type DeviceOptions, openDevice } from '../../runtime/device.ts';
import { openData } from '../../single-cell/open.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { checkOutput, writeFileWhole } from '../../support/write-file.ts';
import { type ModelChoice, openModel } from '../model.ts';
import type { CellSource } from '../prepare.ts';
import { groupAttention } from './attention.ts';
import { geneProfiles, geneSpace, varyingRows } from './gene-space.ts';
import { csvFile, graphMl } from './network-files.ts';
import { rowsOfGroup, sampledRows } from './sampled-cells.ts';

/** Options of {@link regulatorTargetFiles}. */
export interface RegulatorTargetFilesOptions extends CellSource, ModelChoice, DeviceOptions, RunControl {
  /** A folder; made where it is missing. */
  readonly output: string;
  readonly force?: boolean | undefined;
  readonly regulators: readonly string[];
  /** The obs column of conditions; without it all cells are one. */
  readonly groupBy?: string | undefined;
  /** Two conditions: the difference is the first less the second. */
  readonly compare?: readonly string[] | undefined;
  /** The most variable genes, beside the regulators. */
  readonly genes: number;
  /** Most cells read of each condition. */
  readonly cells: number;
  /** Targets of each regulator that enter the network. */
  readonly top: number;
  /** Layer, from 1. Default the last. */
  readonly modelLayer?: number | undefined;
  /** As the reference's notebook: the first cell of each condition is lost. Default false. */
  readonly asPublished: boolean;
  readonly permutations: number;
  readonly seed: number;
  readonly logger?: Logger | undefined;
}

/** A target of a regulator. */
export interface RegulatorTarget {
  readonly regulator: string;
  readonly target: string;
  /** Mean attention rank of each condition, 0 to 1: how much the target reads from the regulator. */
  readonly attention: readonly number[];
  /** Share of other genes that the target reads from as much, by condition. */
  readonly p: readonly number[];
  /** First condition less second; null without two. */
  readonly difference: number | null;
  /** How often shuffled conditions differ as much. */
  readonly pDifference: number | null;
  /** Pearson correlation by condition, NaN where a gene is constant. */
  readonly coExpression: readonly number[];
}

/** What was done. */
export interface RegulatorTargetSummary {
  readonly output: string;
  readonly files: readonly string[];
  readonly conditions: readonly { readonly name: string; readonly cells: number }[];
  readonly genes: number;
  readonly regulators: readonly string[];
  /** The strongest of each regulator. */
  readonly targets: readonly RegulatorTarget[];
  /** Edges with a false discovery rate below 0.05: by condition, then of the difference. */
  readonly significant: readonly number[];
  readonly warnings: readonly string[];
}

/** @throws UsageError, InputError, CheckpointError, OutputError, CancelledError */
export async function regulatorTargetFiles(
  path: string,
  options: RegulatorTargetFilesOptions,
): Promise<RegulatorTargetSummary> {
  const { output, force, regulators, groupBy, compare, permutations, seed } = options;
  await checkOutput(output, { force, folder: true });
  if (
    compare !== undefined &&
    (groupBy === undefined || new Set(compare).size !== 2 || compare.length !== 2)
  ) {
    throw new UsageError({
      what: `--compare has ${compare.join(', ')}${groupBy === undefined ? ', and no column tells conditions' : ''}`,
      expected: 'two different conditions of the column that --group-by names',
      reason: 'compare',
    });
  }
  const logger = new RecordingLogger(options.logger ?? silent);
  const control = { onProgress: options.onProgress, signal: options.signal };
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openData(path, { logger });
  try {
    const grouping = groupBy === undefined ? null : groupingOf(groupBy, data.obs.column(groupBy));
    const conditions = grouping === null ? ['all cells'] : (compare ?? grouping.groups);
    const cellsOfGroup = conditions.map((name) =>
      sampledRows(
        grouping === null
          ? Int32Array.from({ length: data.nObs }, (_, row) => row)
          : rowsOfGroup(grouping, name),
        options.cells,
        seed,
        name,
      ),
    );
    const space = await geneSpace(data, model, { ...options, required: regulators }, logger, control);
    const { names } = space;
    const found = regulators.filter((name) => names.includes(name));
    const places = found.map((name) => names.indexOf(name));
    const device = await openDevice(options);
    const attention = await groupAttention(device, model, space, {
      ...control,
      cellsOfGroup,
      regulators: places,
      layer: options.modelLayer,
      asPublished: options.asPublished,
      seed,
    });

    const nulls = attention.means.map((mean) =>
      places.map((regulator) => otherRegulatorsNull(mean, names.length, regulator)),
    );
    const shuffled =
      compare === undefined
        ? null
        : shuffledConditionsNull(
            joined(attention.ofCells),
            Uint8Array.from(
              cellsOfGroup.flatMap((cells, group) => Array.from(cells, () => (group === 0 ? 1 : 0))),
            ),
            { permutations, random: randomStream(seed, 'conditions') },
          );
    const correlations = await Promise.all(
      cellsOfGroup.map(async (cells) => {
        const profiles = await geneProfiles(space, cells);
        const varying = varyingRows(profiles);
        const { count, values } = correlationSimilarity(takeRows(profiles, varying));
        const place = new Map(Array.from(varying, (gene, i) => [gene, i]));
        return (a: number, b: number): number => {
          const [i, j] = [place.get(a), place.get(b)];
          return i === undefined || j === undefined ? Number.NaN : values[i * count + j];
        };
      }),
    );
    const targets = places.flatMap((regulator, r) =>
      names.flatMap((target, t): RegulatorTarget[] => {
        if (t === regulator) return [];
        const ranks = attention.means.map((mean) => mean[t * names.length + regulator]);
        const at = r * names.length + t;
        return [
          {
            regulator: found[r],
            target,
            attention: ranks,
            p: nulls.map((of) => of[r][t]),
            difference: shuffled === null ? null : ranks[0] - ranks[1],
            pDifference: shuffled === null ? null : shuffled.p[at],
            coExpression: correlations.map((of) => of(regulator, t)),
          },
        ];
      }),
    );
    const strength = ({ attention: ranks, difference }: RegulatorTarget): number =>
      difference === null ? Math.max(...ranks) : Math.abs(difference);
    const top = found.flatMap((name) =>
      targets
        .filter(({ regulator }) => regulator === name)
        .sort((a, b) => strength(b) - strength(a))
        .slice(0, options.top),
    );
    const files = tables(targets, top, conditions, strength);
    await mkdir(output, { recursive: true });
    for (const [name, content] of files) await writeFileWhole(join(output, name), [content], { force });
    const below = (p: readonly number[]): number =>
      falseDiscoveryRates(Float64Array.from(p)).filter((rate) => rate < 0.05).length;
    return {
      output,
      files: [...files.keys()],
      conditions: conditions.map((name, i) => ({ name, cells: cellsOfGroup[i].length })),
      genes: names.length,
      regulators: found,
      targets: top,
      significant: [
        ...conditions.map((_, i) => below(targets.map(({ p }) => p[i]))),
        ...(shuffled === null ? [] : [below(targets.map(({ pDifference }) => pDifference ?? 1))]),
      ],
      warnings: logger.warnings,
    };
  } finally {
    await data.close();
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function tables(
  targets: readonly RegulatorTarget[],
  top: readonly RegulatorTarget[],
  conditions: readonly string[],
  strength: (target: RegulatorTarget) => number,
): ReadonlyMap<string, Uint8Array> {
  const compared = targets.some(({ difference }) => difference !== null);
  const header = [
    'regulator',
    'target',
    ...conditions.flatMap((name) => [`attention ${name}`, `p ${name}`, `co-expression ${name}`]),
    ...(compared ? ['difference', 'p difference'] : []),
  ];
  const rows = targets.map((each) => [
    each.regulator,
    each.target,
    ...conditions.flatMap((_, i) => [each.attention[i], each.p[i], each.coExpression[i]]),
    ...(each.difference === null || each.pDifference === null ? [] : [each.difference, each.pDifference]),
  ]);
  const regulators = new Set(top.map(({ regulator }) => regulator));
  const nodes = new Set(top.flatMap(({ regulator, target }) => [regulator, target]));
  const network = {
    directed: true,
    nodes: Array.from(nodes, (name) => ({ name, group: regulators.has(name) ? 'regulator' : 'target' })),
    edges: top.map((each) => ({
      from: each.regulator,
      to: each.target,
      weight: each.difference ?? strength(each),
    })),
  };
  return new Map([
    ['targets.csv', csvFile(header, rows)],
    ['network.graphml', graphMl(network)],
  ]);
}
