/** @file Gene programs as tables and a network: the files of `scgpt grn programs`. */

import { similarityEdges } from '../../analysis/gene-networks/graph.ts';
import type { GeneProgramsResult } from './gene-programs.ts';
import type { GroupPrograms } from './group-programs.ts';
import { csvFile, graphMl } from './network-files.ts';
import type { GroupActivity } from './program-activity.ts';
import { type ComparedPrograms, enrichedSets, programName } from './programs.ts';

type Row = readonly (string | number)[];

/** Files by name. */
export function programTables(
  result: GeneProgramsResult,
  threshold: number,
): ReadonlyMap<string, Uint8Array> {
  const { ours, space, similarity, activity, ofGroups } = result;
  const { names } = space;
  const members = ['method', 'program', 'gene', 'similarity_to_program', 'mean_similarity', 'p_random_genes'];
  const files = new Map([['programs.csv', csvFile(members, memberRows(result, names))]]);
  if (ours.enrichment !== null) {
    files.set('enrichment.csv', csvFile(enrichmentHeader, enrichmentRows(result)));
  }
  const edges = similarityEdges(similarity, threshold).map(({ from, to, weight }) => ({
    from: names[from],
    to: names[to],
    weight,
  }));
  const edgeRows = edges.map(({ from, to, weight }) => [from, to, weight]);
  files.set('edges.csv', csvFile(['gene_1', 'gene_2', 'similarity'], edgeRows));
  const nodes = names.map((name, gene) => ({
    name,
    group: ours.found.codes[gene] < 0 ? '' : programName(ours.found.codes[gene]),
  }));
  files.set('network.graphml', graphMl({ directed: false, nodes, edges }));
  if (activity !== null) files.set('scores-by-group.csv', activityTable(activity));
  if (ofGroups !== null) {
    files.set(
      'programs-by-group.csv',
      csvFile(
        ['group', ...members, 'program_of_all_cells', 'genes_shared'],
        ofGroups.flatMap(groupMemberRows),
      ),
    );
    if (ours.enrichment !== null) {
      const rows = ofGroups.flatMap((group) => enrichmentRows(group).map((row) => [group.group, ...row]));
      files.set('enrichment-by-group.csv', csvFile(['group', ...enrichmentHeader], rows));
    }
  }
  return files;
}

function memberRows({ ours, baselines }: ComparedPrograms, names: readonly string[]): Row[] {
  return [ours, ...baselines].flatMap(({ name, ranked, cohesion }) =>
    ranked.flatMap((genes, program) =>
      genes.map(({ gene, similarity }) => [
        name,
        programName(program),
        names[gene],
        similarity,
        cohesion[program].cohesion,
        cohesion[program].p,
      ]),
    ),
  );
}

/** Our programs of a group, with the programs of all cells they are like. */
function groupMemberRows({ group, ours, genes, alike }: GroupPrograms): Row[] {
  return memberRows({ ours, baselines: [] }, genes).map((row) => {
    const { program, share } = alike[ours.found.codes[genes.indexOf(String(row[2]))]];
    return [group, ...row, program < 0 ? '' : programName(program), share];
  });
}

const enrichmentHeader = [
  ...['method', 'program', 'set', 'genes_in_universe', 'genes_in_both'],
  ...['fold', 'p', 'bonferroni', 'fdr', 'genes'],
];

function enrichmentRows({ ours, baselines }: ComparedPrograms): Row[] {
  return [ours, ...baselines].flatMap((programs) =>
    enrichedSets(programs).map((found) => [
      programs.name,
      programName(found.group),
      found.set,
      found.setSize,
      found.genes.length,
      found.foldEnrichment,
      found.p,
      found.bonferroni,
      found.falseDiscoveryRate,
      found.genes.join(' '),
    ]),
  );
}

function activityTable({ grouping, sizes, means }: GroupActivity): Uint8Array {
  const width = means.length / sizes.length;
  const rows = grouping.groups.map((group, code) => [
    group,
    sizes[code],
    ...means.subarray(code * width, (code + 1) * width),
  ]);
  const programs = Array.from({ length: width }, (_, program) => programName(program));
  return csvFile([grouping.name, 'cells', ...programs], rows);
}
