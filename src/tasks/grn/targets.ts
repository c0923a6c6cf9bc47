/** @file Targets of regulators by attention, per condition and between two: the computation of `scgpt grn targets`. */

import { falseDiscoveryRates } from '../../analysis/false-discovery.ts';
import type { KnownEdge } from '../../analysis/gene-networks/edge-scores.ts';
import { otherRegulatorsNull, shuffledConditionsNull } from '../../analysis/gene-networks/permutation.ts';
import { correlationSimilarity } from '../../analysis/gene-networks/similarity.ts';
import { groupingOf, groupSizes } from '../../analysis/groups.ts';
import { takeRows } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceOptions, openDevice } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import type { CellSource } from '../prepare.ts';
import { groupAttention } from './attention.ts';
import { type GeneSpace, geneProfiles, geneSpace, varyingRows } from './gene-space.ts';
import { type KnownEdgeScores, requireKnownEdges, scoreKnownEdges } from './known-edge-scores.ts';
import { fewestCells, rowsOfGroup, sampledRows } from './sampled-cells.ts';

/** Options of {@link regulatorTargets}. */
export interface RegulatorTargetsOptions extends CellSource, DeviceOptions, RunControl {
  readonly regulators: readonly string[];
  /** The obs column of conditions; without it all cells are one. */
  readonly groupBy?: string | undefined;
  /** Two conditions: the difference is the first less the second. */
  readonly compare?: readonly string[] | undefined;
  /** The most variable genes, beside the regulators. */
  readonly genes: number;
  /** Most cells read of each condition. */
  readonly cells: number;
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
  /** False discovery rate of that over all edges of the condition. */
  readonly falseDiscoveryRate: readonly number[];
  /** First condition less second; null without two. */
  readonly difference: number | null;
  /** How often shuffled conditions differ as much. */
  readonly pDifference: number | null;
  /** False discovery rate of that over all edges. */
  readonly differenceRate: number | null;
  /** Pearson correlation by condition, NaN where a gene is constant. */
  readonly coExpression: readonly number[];
}

/** What was found. */
export interface RegulatorTargetsResult {
  readonly space: GeneSpace;
  /** Cells read of each. */
  readonly conditions: readonly { readonly name: string; readonly cells: number }[];
  readonly regulators: readonly string[];
  /** Every gene as a target of every regulator. */
  readonly targets: readonly RegulatorTarget[];
  readonly compared: boolean;
  /** Null where no known edges are given. */
  readonly known: KnownEdgeScores | null;
  readonly device: string;
  readonly seconds: { readonly preparing: number; readonly attention: number; readonly nulls: number };
}

/**
 * Ranks targets of regulators.
 *
 * @param known edges to score the ranks with; nothing is chosen by them
 * @throws UsageError, InputError, CancelledError
 */
export async function regulatorTargets(
  data: AnnData,
  model: LoadedModel,
  known: readonly KnownEdge[] | null,
  options: RegulatorTargetsOptions,
): Promise<RegulatorTargetsResult> {
  const { regulators, compare, permutations, seed, logger = silent } = options;
  const started = performance.now();
  const conditions = conditionsOf(data, options, logger);
  const cellsOfGroup = conditions.map(({ rows }) => rows);
  const space = await geneSpace(data, model, { ...options, required: regulators }, logger, options);
  const { names } = space;
  const found = regulators.filter((name) => names.includes(name));
  if (known !== null) requireKnownEdges(known, found, names); // before the long part
  const places = found.map((name) => names.indexOf(name));
  const device = await openDevice(options);
  const prepared = performance.now();
  const attention = await groupAttention(device, model, space, {
    ...options,
    cellsOfGroup,
    regulators: places,
    layer: options.modelLayer,
  });
  const read = performance.now();

  const nulls = attention.means.map((mean) =>
    places.map((regulator) => otherRegulatorsNull(mean, names.length, regulator)),
  );
  const inFirst = cellsOfGroup.flatMap((cells, group) => Array.from(cells, () => (group === 0 ? 1 : 0)));
  const shuffled =
    compare === undefined
      ? null
      : shuffledConditionsNull(joined(attention.ofCells), Uint8Array.from(inFirst), {
          permutations,
          random: randomStream(seed, 'conditions'),
        });
  const correlations = await Promise.all(cellsOfGroup.map((cells) => correlationsIn(space, cells)));
  const edges = places.flatMap((regulator, r) =>
    names.flatMap((target, t) => {
      if (t === regulator) return [];
      const attends = attention.means.map((mean) => mean[t * names.length + regulator]);
      return [
        {
          regulator: found[r],
          target,
          attention: attends,
          p: nulls.map((of) => of[r][t]),
          difference: shuffled === null ? null : attends[0] - attends[1],
          pDifference: shuffled === null ? null : shuffled.p[r * names.length + t],
          coExpression: correlations.map((of) => of(regulator, t)),
        },
      ];
    }),
  );
  const targets = withRates(edges);
  return {
    space,
    conditions: conditions.map(({ name, rows }) => ({ name, cells: rows.length })),
    regulators: found,
    targets,
    compared: shuffled !== null,
    known:
      known === null
        ? null
        : scoreKnownEdges(known, { genes: names, regulators: found, targets, conditions, seed }),
    device: device.name,
    seconds: {
      preparing: (prepared - started) / 1000,
      attention: (read - prepared) / 1000,
      nulls: (performance.now() - read) / 1000,
    },
  };
}

/** Conditions with their sampled cells. */
function conditionsOf(
  data: AnnData,
  { groupBy, compare, cells, seed }: RegulatorTargetsOptions,
  logger: Logger,
): readonly { readonly name: string; readonly rows: Int32Array }[] {
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
  const sampled = (name: string, rows: Int32Array) => ({ name, rows: sampledRows(rows, cells, seed, name) });
  if (groupBy === undefined) {
    return [
      sampled(
        'all cells',
        Int32Array.from({ length: data.nObs }, (_, row) => row),
      ),
    ];
  }
  const grouping = groupingOf(groupBy, data.obs.column(groupBy));
  if (compare !== undefined) return compare.map((name) => sampled(name, rowsOfGroup(grouping, name)));
  const sizes = groupSizes(grouping.codes, grouping.groups.length);
  const large = grouping.groups.filter((_, code) => sizes[code] >= fewestCells);
  if (large.length === 0) {
    throw new InputError({
      what: `no group of ${groupBy} has ${fewestCells} cells`,
      where: `obs, column ${groupBy}`,
      expected: `at least one with ${fewestCells}`,
      reason: 'too_few_cells',
    });
  }
  const small = grouping.groups.filter((name) => !large.includes(name));
  if (small.length > 0) {
    logger.warning(`left out with fewer than ${fewestCells} cells: ${small.slice(0, 10).join(', ')}`);
  }
  return large.map((name) => sampled(name, rowsOfGroup(grouping, name)));
}

/** Pearson correlation of two genes in some cells; NaN where one is constant. */
async function correlationsIn(
  space: GeneSpace,
  cells: Int32Array,
): Promise<(a: number, b: number) => number> {
  const profiles = await geneProfiles(space, cells);
  const varying = varyingRows(profiles);
  const { count, values } = correlationSimilarity(takeRows(profiles, varying));
  const place = new Map(Array.from(varying, (gene, i) => [gene, i]));
  return (a, b) => {
    const [i, j] = [place.get(a), place.get(b)];
    return i === undefined || j === undefined ? Number.NaN : values[i * count + j];
  };
}

/** Adds false discovery rates over all edges. */
function withRates(
  edges: readonly Omit<RegulatorTarget, 'falseDiscoveryRate' | 'differenceRate'>[],
): readonly RegulatorTarget[] {
  const conditions = edges[0]?.p.length ?? 0;
  const rates = Array.from({ length: conditions }, (_, condition) =>
    falseDiscoveryRates(Float64Array.from(edges, ({ p }) => p[condition])),
  );
  const differences = falseDiscoveryRates(Float64Array.from(edges, ({ pDifference }) => pDifference ?? 1));
  return edges.map((edge, i) => ({
    ...edge,
    falseDiscoveryRate: rates.map((rate) => rate[i]),
    differenceRate: edge.pDifference === null ? null : differences[i],
  }));
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

/** How strong an edge is: the size of its difference, or the most it is attended in any condition. */
export function strengthOf({ attention, difference }: RegulatorTarget): number {
  return difference === null ? Math.max(...attention) : Math.abs(difference);
}

/** The strongest targets of each regulator, in the order of regulators. */
export function strongestTargets(
  { regulators, targets }: Pick<RegulatorTargetsResult, 'regulators' | 'targets'>,
  most: number,
): readonly RegulatorTarget[] {
  return regulators.flatMap((name) =>
    targets
      .filter(({ regulator }) => regulator === name)
      .sort((a, b) => strengthOf(b) - strengthOf(a))
      .slice(0, most),
  );
}
