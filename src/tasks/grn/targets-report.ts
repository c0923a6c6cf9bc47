/** @file Gathers what the report on targets of regulators tells. */

import { correlation } from '../../analysis/correlation.ts';
import { meanRanks } from '../../analysis/gene-networks/similarity.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { score } from '../../report/numbers.ts';
import type {
  Fact,
  Highlight,
  ScoresSection,
  Section,
  TableColumn,
  TableSection,
  TaskReport,
} from '../../report/task-report.ts';
import { count, plural } from '../../support/words.ts';
import { environmentFacts, inputSection, modelFacts, type ReportContext } from '../report-parts.ts';
import { type KnownEdgeScores, randomRankings } from './known-edge-scores.ts';
import { targetNetwork } from './network-sections.ts';
import { readingParagraphs, significantEdges, targetSentences } from './target-words.ts';
import { type RegulatorTargetsOptions, type RegulatorTargetsResult, strongestTargets } from './targets.ts';

/** What the report needs besides the result. */
export type TargetsReportOptions = RegulatorTargetsOptions &
  ReportContext & { readonly top: number; readonly knownEdges?: string | undefined };

/** The report as data. */
export function targetsReport(
  result: RegulatorTargetsResult,
  model: LoadedModel,
  title: string,
  options: TargetsReportOptions,
): TaskReport {
  const { space, conditions, regulators, known, seconds } = result;
  const top = strongestTargets(result, options.top);
  const names = conditions.map(({ name }) => name);
  const sections: Section[] = [
    ...(known === null ? [] : [knownSection(known)]),
    targetNetwork(top, regulators, names),
    targetsSection(result, options.top),
    regulatorsSection(result),
    { kind: 'text', name: 'reading', title: 'How to read it', paragraphs: readingParagraphs(result) },
    inputSection(space.prepared),
  ];
  return {
    task: 'scGPT regulators and targets',
    title,
    subtitle: `${plural(regulators.length, 'regulator')}, ${plural(space.names.length, 'gene')}, model ${model.name}`,
    summary: targetSentences(result),
    highlights: highlights(result),
    warnings: options.warnings,
    sections,
    model: modelFacts(model),
    settings: settingFacts(options, model),
    timings: [
      { stage: 'Preparing', seconds: seconds.preparing },
      { stage: 'Reading attention', seconds: seconds.attention },
      { stage: 'Nulls, co-expression', seconds: seconds.nulls },
    ],
    environment: environmentFacts(result.device, options.threads),
    command: options.command,
  };
}

function settingFacts(options: TargetsReportOptions, model: LoadedModel): Fact[] {
  const { groupBy, compare } = options;
  return [
    ['Regulators', options.regulators.join(', ')],
    ['Conditions', groupBy === undefined ? 'none' : `obs/${groupBy}`],
    ...(compare === undefined ? [] : [['Compared', compare.join(' less ')] as const]),
    ['Genes', `${options.genes} most variable, and the regulators`],
    ['Cells read', `at most ${options.cells} of each condition`],
    ['Layer', String(options.modelLayer ?? model.config.layers)],
    ['As published', options.asPublished ? 'yes: the first cell of each condition is lost' : 'no'],
    ...(compare === undefined ? [] : [['Shuffles of conditions', String(options.permutations)] as const]),
    ['Known edges', options.knownEdges ?? 'none'],
    ['Seed', String(options.seed)],
  ];
}

function highlights(result: RegulatorTargetsResult): Highlight[] {
  const { conditions, compared, known, targets } = result;
  const found = significantEdges(result);
  const tiles: Highlight[] = [
    { value: count(targets.length), label: 'edges ranked' },
    compared
      ? { value: count(found[conditions.length]), label: 'differ between conditions, 5 % FDR' }
      : { value: count(Math.max(...found)), label: 'above other genes at most, 5 % FDR' },
  ];
  if (known === null) return tiles;
  const best = (ours: boolean): number =>
    Math.max(...known.methods.filter((row) => row.ours === ours && row.p !== null).map(({ auroc }) => auroc));
  return [
    ...tiles,
    { value: score(best(true)), label: 'AUROC of attention on known edges, at best', share: best(true) },
    { value: score(best(false)), label: 'AUROC of co-expression, at best', share: best(false) },
  ];
}

/** Columns of a condition, named where there are several; with a difference it is what is tested. */
function conditionColumns(name: string, several: boolean, compared: boolean): TableColumn[] {
  const of = several ? `, ${name}` : '';
  return [
    { title: `attention${of}`, unit: 'score' },
    ...(compared
      ? []
      : ([
          { title: `p${of}`, unit: 'number' },
          { title: `FDR${of}`, unit: 'number' },
        ] as const)),
    { title: `co-expression${of}`, unit: 'score' },
  ];
}

function targetsSection(result: RegulatorTargetsResult, most: number): TableSection {
  const { conditions, compared } = result;
  const several = conditions.length > 1;
  return {
    kind: 'table',
    name: 'targets',
    title: 'Strongest targets',
    note: `At most ${most} of each regulator, ${
      compared
        ? `by the size of the difference, ${conditions[0].name} less ${conditions[1].name}`
        : several
          ? 'by the largest attention rank of all conditions'
          : 'by attention rank'
    }; every gene is in targets.csv. Co-expression is Pearson correlation in the same cells.`,
    columns: [
      { title: 'regulator', unit: 'text' },
      { title: 'target', unit: 'text' },
      ...(compared
        ? ([
            { title: 'difference', unit: 'score' },
            { title: 'p', unit: 'number' },
            { title: 'FDR', unit: 'number' },
          ] as const)
        : []),
      ...conditions.flatMap(({ name }) => conditionColumns(name, several, compared)),
    ],
    rows: strongestTargets(result, most).map((each) => [
      each.regulator,
      each.target,
      ...(compared
        ? [each.difference ?? Number.NaN, each.pDifference ?? Number.NaN, each.differenceRate ?? Number.NaN]
        : []),
      ...conditions.flatMap((_, i) => [
        each.attention[i],
        ...(compared ? [] : [each.p[i], each.falseDiscoveryRate[i]]),
        each.coExpression[i],
      ]),
    ]),
  };
}

function regulatorsSection({
  conditions,
  regulators,
  targets,
  compared,
}: RegulatorTargetsResult): TableSection {
  const several = conditions.length > 1;
  const of = (name: string): string => (several ? `, ${name}` : '');
  return {
    kind: 'table',
    name: 'regulators',
    title: 'Regulators',
    note: 'Edges below 5 % false discoveries, and how attention rank and the size of co-expression order a regulator’s targets alike (Spearman; 0 is not at all, 1 the same).',
    columns: [
      { title: 'regulator', unit: 'text' },
      ...conditions.flatMap(
        ({ name }) =>
          [
            { title: `edges${of(name)}`, unit: 'count' },
            { title: `agrees with co-expression${of(name)}`, unit: 'score' },
          ] as const,
      ),
      ...(compared ? [{ title: 'edges that differ', unit: 'count' } as const] : []),
    ],
    rows: regulators.map((name) => {
      const own = targets.filter(({ regulator }) => regulator === name);
      return [
        name,
        ...conditions.flatMap((_, i) => {
          const both = own.filter(({ coExpression }) => Number.isFinite(coExpression[i]));
          const ranks = (values: readonly number[]) => meanRanks(Float64Array.from(values));
          return [
            own.filter(({ falseDiscoveryRate }) => falseDiscoveryRate[i] < 0.05).length,
            correlation(
              ranks(both.map(({ attention }) => attention[i])),
              ranks(both.map(({ coExpression }) => Math.abs(coExpression[i]))),
            ),
          ];
        }),
        ...(compared ? [own.filter(({ differenceRate }) => (differenceRate ?? 1) < 0.05).length] : []),
      ];
    }),
  };
}

function knownSection(known: KnownEdgeScores): ScoresSection {
  const { edges, candidates, against, regulators, methods } = known;
  const pairs =
    against === 'known'
      ? 'genes that the table has as anyone’s target'
      : 'every gene, for the table has no other targets';
  return {
    kind: 'scores',
    name: 'known-edges',
    title: 'Agreement with known edges',
    note: `${plural(edges, 'known edge')} of ${regulators.slice(0, 12).join(', ')}${regulators.length > 12 ? ' and others' : ''} among ${plural(candidates, 'pair')}: these regulators by ${pairs}. AUPRC by chance is ${(edges / candidates).toFixed(3)}, the share of known edges; early precision is that of as many first pairs as there are known edges, over chance. p: how many of ${randomRankings} random rankings reach the AUROC. Tables of known edges are incomplete and not of these cells: an unknown edge may be true.`,
    metrics: [
      { key: 'auroc', title: 'AUROC' },
      { key: 'auprc', title: 'AUPRC' },
      { key: 'early_precision', title: 'early precision', hint: 'over chance', range: null },
    ],
    methods: methods.map(({ name, ours, auroc, aupr, earlyPrecisionRatio, p }) => ({
      name,
      ours,
      note: p === null ? undefined : `p ${p.toFixed(3)}`,
      scores: [auroc, aupr, earlyPrecisionRatio],
    })),
  };
}
