/** @file Parts of reports that several tasks have. */

import { type Grouping, groupSizes } from '../analysis/groups.ts';
import { markerGenes } from '../analysis/markers.ts';
import type { LoadedModel } from '../model/folder.ts';
import type {
  CompositionSection,
  CurvesSection,
  DotPlotSection,
  Fact,
  InputSection,
  ReportModel,
  ScoresSection,
} from '../report/task-report.ts';
import type { CsrMatrix } from '../single-cell/csr-matrix.ts';
import type { RunControl } from '../support/progress.ts';
import { version } from '../support/version.ts';
import type { EpochRecord } from '../train/loop.ts';
import type { ScoreTable } from './evaluate/score-table.ts';
import type { PreparedCells } from './prepare.ts';

/** What the report of a task needs besides the result. */
export interface ReportContext extends RunControl {
  /** What was asked for; default all cores. */
  readonly threads?: number | undefined;
  /** The command as it was typed. */
  readonly command?: string | undefined;
  readonly warnings: readonly string[];
}

/** What it ran on; the device where a model ran, and its threads, all cores where none were asked for. */
export function environmentFacts(device?: string, threads?: number): Fact[] {
  const facts: Fact[] = [
    ['scgpt', version],
    ['Node', process.version],
    ['System', `${process.platform} ${process.arch}`],
  ];
  if (device === undefined) return facts;
  return [...facts, ['Device', device], ['Threads', threads === undefined ? 'all cores' : String(threads)]];
}

export function modelFacts({ name, hash, trained, config }: LoadedModel): ReportModel {
  return {
    name,
    hash,
    trained,
    facts: [
      ['Layers', String(config.layers)],
      ['Heads', String(config.heads)],
      ['Width', String(config.embeddingSize)],
      ['Vocabulary', `${config.vocabularySize} tokens`],
    ],
  };
}

/** What values the input holds and which of its genes the model knows. */
export function inputSection(
  { diagnosis, geneMatch }: PreparedCells,
  { name = 'input', title = 'Input and genes' }: { readonly name?: string; readonly title?: string } = {},
): InputSection {
  return { kind: 'input', name, title, diagnosis, geneMatch };
}

/** A table of scores as evaluation makes it. */
export function scoresSection(name: string, title: string, table: ScoreTable, note: string): ScoresSection {
  return {
    kind: 'scores',
    name,
    title,
    note,
    metrics: table.metrics.map((metric) => ({
      key: metric.id,
      title: metric.name,
      hint: metric.about,
      group: metric.group,
      lowerIsBetter: metric.better === 'low',
    })),
    methods: table.rows.map(({ name: row, origin, about, runs, scores }) => ({
      name: row,
      ours: origin === 'data',
      note: runs > 1 ? `${about}; mean of ${runs} seeds` : about,
      scores: table.metrics.map(({ id }) => scores[id]?.mean ?? Number.NaN),
    })),
  };
}

/** Names of objectives as the paper has them. */
const objectiveNames: Readonly<Record<string, string>> = {
  loss: 'All objectives',
  gep: 'GEP: hidden values from tokens',
  gep_zero: 'GEP: zero or not',
  gepc: 'GEPC: hidden values from the cell embedding',
  gepc_zero: 'GEPC: zero or not',
  ecs: 'ECS: elastic cell similarity',
  dar: 'DAR: batches told apart by the adversary',
  cls: 'CLS: classes',
  neighbours: 'Neighbour embedding',
  criterion: '1 - label-free score',
};

/** Losses by epoch, a panel for each objective, with the epoch that was kept. */
export function curvesSection(
  history: readonly EpochRecord[],
  bestStep: number,
  note: string,
): CurvesSection {
  const names = Object.keys(history[0]?.validation ?? {});
  const chosen = history.find(({ step }) => step === bestStep);
  return {
    kind: 'curves',
    name: 'training',
    title: 'Training',
    note,
    xTitle: 'epoch',
    yTitle: 'loss',
    panels: names.map((name) => {
      const curve = (split: 'training' | 'validation') => {
        const seen = history.filter((record) => record[split]?.[name] !== undefined);
        return {
          name: split === 'training' ? 'training cells' : 'held-out cells',
          x: seen.map(({ epoch }) => epoch),
          y: seen.map((record) => record[split]?.[name] ?? Number.NaN),
        };
      };
      const curves = [curve('training'), curve('validation')].filter(({ x }) => x.length > 0);
      return { title: objectiveNames[name] ?? name, curves };
    }),
    chosen: chosen && { x: chosen.epoch, label: `kept: epoch ${chosen.epoch}` },
  };
}

/** What groups of cells consist of. */
export function compositionSection(
  name: string,
  title: string,
  groups: Grouping,
  parts: Grouping,
): CompositionSection {
  const counts = new Int32Array(groups.groups.length * parts.groups.length);
  groups.codes.forEach((group, cell) => {
    const part = parts.codes[cell];
    if (group >= 0 && part >= 0) counts[group * parts.groups.length + part]++;
  });
  return {
    kind: 'composition',
    name,
    title,
    groupTitle: groups.name,
    groups: groups.groups,
    partTitle: parts.name,
    parts: parts.groups,
    counts,
  };
}

/** Markers shown of each group. */
const markersOfGroup = 4;

/**
 * Genes that tell each group from the others.
 *
 * @param expression log-normalised values
 * @param genes names of its columns
 */
export async function markersSection(
  expression: CsrMatrix, // [cells, genes]
  groups: Grouping, // [cells]
  genes: readonly string[],
  control?: RunControl,
): Promise<DotPlotSection | null> {
  const sizes = groupSizes(groups.codes, groups.groups.length);
  if (sizes.filter((size) => size > 0).length < 2) return null;
  const markers = await markerGenes(expression, groups, { most: 3 * markersOfGroup }, control);
  const columns: number[] = [];
  const markerOf: number[] = [];
  for (const group of groups.groups.keys()) {
    const ofGroup = markers.filter((marker) => marker.group === group && !columns.includes(marker.gene));
    for (const { gene } of ofGroup.slice(0, markersOfGroup)) {
      columns.push(gene);
      markerOf.push(group);
    }
  }
  const { share, mean } = await dots(expression, groups, columns, sizes);
  return {
    kind: 'dot-plot',
    name: 'markers',
    title: 'Marker genes',
    note: 'The genes that tell each cluster best from all other cells, by the rank-sum test. Clusters were made from the same expression: markers describe them and do not prove that they differ.',
    groupTitle: groups.name,
    groups: groups.groups,
    genes: columns.map((column) => genes[column]),
    markerOf,
    share,
    mean,
  };
}

async function dots(
  expression: CsrMatrix,
  groups: Grouping,
  columns: readonly number[],
  sizes: Int32Array,
): Promise<{ readonly share: Float64Array; readonly mean: Float64Array }> {
  const place = new Int32Array(expression.shape[1]).fill(-1);
  columns.forEach((column, i) => {
    place[column] = i;
  });
  const width = columns.length;
  const share = new Float64Array(groups.groups.length * width);
  const mean = new Float64Array(groups.groups.length * width);
  const { rowCount, indptr, indices, values } = await expression.rows(0, expression.shape[0]);
  for (let row = 0; row < rowCount; row++) {
    const group = groups.codes[row];
    if (group < 0) continue;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const column = place[indices[i]];
      if (column < 0 || values[i] === 0) continue;
      share[group * width + column] += 1 / sizes[group];
      mean[group * width + column] += values[i] / sizes[group];
    }
  }
  for (let column = 0; column < width; column++) {
    let most = 0;
    for (let group = 0; group < sizes.length; group++) most = Math.max(most, mean[group * width + column]);
    for (let group = 0; group < sizes.length; group++) mean[group * width + column] /= most || 1;
  }
  return { share, mean };
}
