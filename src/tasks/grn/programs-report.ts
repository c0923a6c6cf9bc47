/** @file Gathers what the report on gene programs tells. */

import type { LoadedModel } from '../../model/folder.ts';
import type {
  DotPlotSection,
  Fact,
  Highlight,
  ScoresSection,
  Section,
  TableSection,
  TaskReport,
} from '../../report/task-report.ts';
import { count, plural } from '../../support/words.ts';
import { environmentFacts, inputSection, modelFacts, type ReportContext } from '../report-parts.ts';
import type { GeneProgramsOptions, GeneProgramsResult } from './gene-programs.ts';
import { sourceWords } from './gene-similarities.ts';
import { groupMethodsSection, groupProgramsSection } from './group-programs-report.ts';
import { programNetwork } from './network-sections.ts';
import { type GroupActivity, strongestGroup } from './program-activity.ts';
import { programSentences, universeSentence } from './program-words.ts';
import {
  bestSets,
  enrichedSets,
  type FoundPrograms,
  programName,
  setsFound,
  significant,
  strongestGenes,
} from './programs.ts';

/** The report as data. */
export function programsReport(
  result: GeneProgramsResult,
  model: LoadedModel,
  title: string,
  options: GeneProgramsOptions & ReportContext & { readonly geneSets?: string | undefined },
): TaskReport {
  const { ours, space, similarity, activity, ofGroups, seconds } = result;
  const { names } = space;
  const titles = programTitles(ours, names);
  const measure = options.source === 'combined' ? 'mean of standardised similarities' : 'cosine';
  const sections: Section[] = [
    methodsSection(result, options.permutations),
    programsSection(result, options.permutations),
    ...(ours.found.programs.length === 0 ? [] : [programNetwork(ours, similarity, names, titles, measure)]),
    ...(activity === null || ours.found.programs.length === 0 ? [] : [activitySection(activity, result)]),
    ...(ours.enrichment === null ? [] : [enrichmentSection(ours)]),
    ...(ofGroups === null ? [] : [groupMethodsSection(ofGroups), groupProgramsSection(ofGroups)]),
    inputSection(space.prepared),
  ];
  return {
    task: 'scGPT gene programs',
    title,
    subtitle: `${plural(result.cellCount, 'cell')}, ${plural(names.length, 'gene')}, model ${model.name}`,
    summary: programSentences(result, options.permutations),
    highlights: highlights(result),
    warnings: options.warnings,
    sections,
    model: modelFacts(model),
    settings: settingFacts(options),
    timings: [
      { stage: 'Preparing', seconds: seconds.preparing },
      { stage: 'Reading genes, programs, nulls', seconds: seconds.programs },
      ...(ofGroups === null ? [] : [{ stage: 'Programs of groups', seconds: seconds.groups }]),
    ],
    environment: environmentFacts(result.device, options.threads),
    command: options.command,
  };
}

function settingFacts(options: GeneProgramsOptions & { readonly geneSets?: string | undefined }): Fact[] {
  return [
    ['Similarity', `${options.source}: ${sourceWords[options.source]}`],
    ['Genes', `${options.genes} most variable`],
    ['Cells read', `at most ${options.cells}${options.eachGroup === true ? ', and of each group' : ''}`],
    ['Neighbours of each gene', String(options.neighbours)],
    ['Resolution', String(options.resolution)],
    ['Draws of random genes', String(options.permutations)],
    ['Gene sets', options.geneSets ?? 'none'],
    ['Groups', options.groupBy === undefined ? 'none' : `obs/${options.groupBy}`],
    ['Seed', String(options.seed)],
  ];
}

/** `program 3: Interferon Signaling`, or its first genes where no set is found. */
function programTitles(programs: FoundPrograms, names: readonly string[]): string[] {
  return bestSets(programs).map((best, program) => {
    const genes = programs.ranked[program].slice(0, 3).map(({ gene }) => names[gene]);
    return `${programName(program)}: ${best?.set ?? genes.join(', ')}`;
  });
}

function highlights({ ours, baselines, space }: GeneProgramsResult): Highlight[] {
  const inPrograms = ours.found.codes.filter((code) => code >= 0).length;
  const tiles: Highlight[] = [
    { value: count(ours.found.programs.length), label: 'gene programs' },
    {
      value: count(inPrograms),
      label: `of ${plural(space.names.length, 'gene')} are in one`,
      share: inPrograms / space.names.length,
    },
  ];
  if (ours.enrichment === null) return tiles;
  const found = (programs: FoundPrograms): number => setsFound(programs, 'falseDiscoveryRate').size;
  const best = baselines.reduce((a, b) => (found(b) > found(a) ? b : a));
  return [
    ...tiles,
    { value: count(found(ours)), label: 'gene sets found in them' },
    { value: count(found(best)), label: `gene sets found by ${best.name}, the better plain method` },
  ];
}

function methodsSection({ ours, baselines }: GeneProgramsResult, permutations: number): ScoresSection {
  const enriched = ours.enrichment !== null;
  const counts = { range: null, unit: 'count' } as const;
  return {
    kind: 'scores',
    name: 'methods',
    title: 'Beside plain methods',
    note: `All on the same genes and cells, joined and clustered alike; plain methods at the resolution that gives about as many programs. ${universeSentence(ours) ?? 'No gene sets were given.'} A set counts once, in however many programs it is found; counts move by some sets with resolution and seed. Alike: mean similarity above that of random genes (p < ${significant}, ${plural(permutations, 'draw')}); programs were made of alike genes, so that most pass, and the test finds those that are none.`,
    metrics: [
      ...(enriched
        ? [
            { key: 'sets_fdr', title: 'at 5 % FDR', group: 'Gene sets found', ...counts },
            { key: 'sets_bonferroni', title: 'Bonferroni', group: 'Gene sets found', ...counts },
          ]
        : []),
      { key: 'programs', title: 'programs', group: 'Programs', ...counts },
      { key: 'genes', title: 'genes in them', group: 'Programs', ...counts },
      { key: 'alike', title: 'alike', group: 'Programs', hint: 'more alike than random genes', ...counts },
    ],
    methods: [ours, ...baselines].map((programs) => ({
      name: programs.name,
      ours: programs === ours,
      note: `${programs.about}; resolution ${Number(programs.resolution.toPrecision(3))}`,
      scores: [
        ...(enriched
          ? [setsFound(programs, 'falseDiscoveryRate').size, setsFound(programs, 'bonferroni').size]
          : []),
        programs.found.programs.length,
        programs.found.codes.filter((code) => code >= 0).length,
        programs.cohesion.filter(({ p }) => p < significant).length,
      ],
    })),
  };
}

function programsSection({ ours, space, activity }: GeneProgramsResult, permutations: number): TableSection {
  const best = bestSets(ours);
  const enriched = ours.enrichment !== null;
  return {
    kind: 'table',
    name: 'programs',
    title: 'Programs',
    note: `Genes that are most like the others of their program; all are in programs.csv. Similarity is the mean within the program, p how often as many random genes are as alike (${plural(permutations, 'draw')}).${
      enriched ? ' The gene set is the surest below 5 % false discoveries over all programs and sets.' : ''
    }`,
    columns: [
      { title: 'program', unit: 'text' },
      { title: 'strongest genes', unit: 'text' },
      ...(enriched
        ? ([
            { title: 'gene set', unit: 'text' },
            { title: 'genes in both', unit: 'text' },
            { title: 'FDR', unit: 'number' },
          ] as const)
        : []),
      { title: 'genes', unit: 'count', bar: true },
      { title: 'similarity', unit: 'number' },
      { title: 'p', unit: 'number' },
      ...(activity === null ? [] : [{ title: 'most active in', unit: 'text' } as const]),
    ],
    rows: ours.ranked.map((genes, program) => {
      const set = best[program];
      return [
        programName(program),
        strongestGenes(genes, space.names),
        ...(enriched
          ? [
              set?.set ?? 'none',
              set === null ? '' : `${set.genes.length} of ${set.setSize}`,
              set?.falseDiscoveryRate ?? Number.NaN,
            ]
          : []),
        genes.length,
        ours.cohesion[program].cohesion,
        ours.cohesion[program].p,
        ...(activity === null ? [] : [activity.grouping.groups[strongestGroup(activity, program)]]),
      ];
    }),
  };
}

/** Programs by groups, each scaled over the groups; those that are strongest in one group side by side. */
function activitySection(activity: GroupActivity, { ours, space }: GeneProgramsResult): DotPlotSection {
  const { grouping, means, active } = activity;
  const width = ours.found.programs.length;
  const strongest = ours.ranked.map((_, program) => strongestGroup(activity, program));
  const order = [...strongest.keys()].sort((a, b) => strongest[a] - strongest[b] || a - b);
  const groups = [...grouping.groups.keys()];
  const scaled = order.map((program) => {
    const of = groups.map((group) => means[group * width + program]);
    const [low, high] = [Math.min(...of), Math.max(...of)];
    return of.map((mean) => (high > low ? (mean - low) / (high - low) : 0.5));
  });
  const [first, second] = [0, 1].map(
    (rank) => (program: number) => space.names[ours.ranked[program][rank].gene],
  );
  return {
    kind: 'dot-plot',
    name: 'activity',
    title: `Activity of programs by ${grouping.name}`,
    note: 'A score is the mean of a program’s genes less that of genes of like expression. Colours are scaled for each program, from its lowest to its highest group: they say where it is most active, not how active it is. Values are in scores-by-group.csv.',
    of: { one: 'program', share: 'Cells with a score above 0', mean: 'Mean score, by program' },
    groupTitle: grouping.name,
    groups: grouping.groups,
    genes: order.map((program) => `${program + 1}: ${first(program)}, ${second(program)}`),
    markerOf: order.map((program) => strongest[program]),
    share: groups.flatMap((group) => order.map((program) => active[group * width + program])),
    mean: groups.flatMap((group) => scaled.map((of) => of[group])),
  };
}

function enrichmentSection(ours: FoundPrograms): TableSection {
  return {
    kind: 'table',
    name: 'enrichment',
    title: 'Gene sets in programs',
    note: `By the hypergeometric test, below 5 % false discoveries (Benjamini & Hochberg). ${universeSentence(ours)} Genes outside the universe count nowhere.`,
    columns: [
      { title: 'program', unit: 'text' },
      { title: 'gene set', unit: 'text' },
      { title: 'in both', unit: 'count' },
      { title: 'of set', unit: 'count' },
      { title: 'fold', unit: 'number' },
      { title: 'p', unit: 'number' },
      { title: 'FDR', unit: 'number' },
      { title: 'Bonferroni', unit: 'number' },
      { title: 'genes', unit: 'text' },
    ],
    rows: enrichedSets(ours).map((found) => [
      programName(found.group),
      found.set,
      found.genes.length,
      found.setSize,
      found.foldEnrichment,
      found.p,
      found.falseDiscoveryRate,
      found.bonferroni,
      found.genes.join(', '),
    ]),
  };
}
