/** @file Sections of the report on gene programs that tell of programs in groups of cells. */

import type { TableSection } from '../../report/task-report.ts';
import type { GroupPrograms } from './group-programs.ts';
import { bestSets, type FoundPrograms, programName, setsFound, strongestGenes } from './programs.ts';

/** Share of genes in both from which two programs count as one. */
const alikeFrom = 0.25;

/** Programs, and gene sets in them, beside plain methods in each group. */
export function groupMethodsSection(ofGroups: readonly GroupPrograms[]): TableSection {
  const baselines = ofGroups[0]?.baselines ?? [];
  const enriched = ofGroups.some(({ ours }) => ours.enrichment !== null);
  const sets = (programs: FoundPrograms): number => setsFound(programs, 'falseDiscoveryRate').size;
  return {
    kind: 'table',
    name: 'groups',
    title: 'Programs in each group',
    note: `Similarities are computed in the cells of the group alone: to plain methods what differs between groups is gone, while the model brings what it learnt from other cells.${enriched ? ' Gene sets are those found at 5 % false discoveries, beside plain methods in the same cells.' : ''}`,
    columns: [
      { title: 'group', unit: 'text' },
      { title: 'cells read', unit: 'count' },
      { title: 'genes', unit: 'count' },
      { title: 'programs', unit: 'count' },
      { title: 'in all cells too', unit: 'count' },
      ...(enriched
        ? [
            { title: 'gene sets', unit: 'count' } as const,
            ...baselines.map(({ name }) => ({ title: `by ${name}`, unit: 'count' }) as const),
          ]
        : []),
    ],
    rows: ofGroups.map((of) => [
      of.group,
      of.cells,
      of.genes.length,
      of.ours.found.programs.length,
      of.alike.filter(({ share }) => share >= alikeFrom).length,
      ...(enriched ? [sets(of.ours), ...of.baselines.map(sets)] : []),
    ]),
  };
}

/** Every program of every group. */
export function groupProgramsSection(ofGroups: readonly GroupPrograms[]): TableSection {
  return {
    kind: 'table',
    name: 'group-programs',
    title: 'Programs of groups',
    note: `Like: the program of all cells that shares the largest part with it, and that part of the genes in either; from ${100 * alikeFrom} % on it counts as found in all cells too.`,
    columns: [
      { title: 'group', unit: 'text' },
      { title: 'program', unit: 'text' },
      { title: 'genes', unit: 'count' },
      { title: 'p', unit: 'number' },
      { title: 'strongest genes', unit: 'text' },
      { title: 'gene set', unit: 'text' },
      { title: 'like', unit: 'text' },
      { title: 'shared', unit: 'share' },
    ],
    rows: ofGroups.flatMap(({ group, ours, genes, alike }) => {
      const best = bestSets(ours);
      return ours.ranked.map((ranked, program) => [
        group,
        programName(program),
        ranked.length,
        ours.cohesion[program].p,
        strongestGenes(ranked, genes),
        best[program]?.set ?? (ours.enrichment === null ? '' : 'none'),
        alike[program].program < 0 ? 'none' : programName(alike[program].program),
        alike[program].share,
      ]);
    }),
  };
}
