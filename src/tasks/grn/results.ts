/** @file What gene programs add to the cells: scores in obsm; genes, gene sets and settings in uns. */

import type { Additions } from '../../single-cell/additions.ts';
import type { Unstructured } from '../../single-cell/anndata.ts';
import { version } from '../../support/version.ts';
import type { GeneProgramsOptions, GeneProgramsResult } from './gene-programs.ts';
import { bestSets, programName } from './programs.ts';

/**
 * `obsm/X_scgpt_programs` and `uns/scgpt_programs`: the names of its columns, the genes of each program, the most like
 * the others first, their cohesion, the surest gene set of each, and what made them.
 */
export function programAdditions(
  { ours, space, scores, cellCount }: GeneProgramsResult,
  model: { readonly name: string; readonly hash: string },
  { source, neighbours, permutations, seed, cells, genes }: GeneProgramsOptions,
): Additions {
  const width = ours.found.programs.length;
  const strings = (values: readonly string[]): Unstructured => ({
    kind: 'strings',
    shape: [values.length],
    values: [...values],
  });
  const numbers = (values: readonly number[]): Unstructured => ({
    kind: 'dense',
    dtype: 'float64',
    shape: [values.length],
    values: Float64Array.from(values),
  });
  const settings = new Map<string, Unstructured>([
    ['source', source],
    ['genes', genes],
    ['cells', cells],
    ['neighbours', neighbours],
    ['resolution', ours.resolution],
    ['permutations', permutations],
    ['seed', seed],
  ]);
  const record = new Map<string, Unstructured>([
    ['version', version],
    ['model', model.name],
    ['model_hash', model.hash],
    ['settings', settings],
  ]);
  if (width === 0) return { uns: [['scgpt_programs', record]] };
  const membersOf = (program: number): Unstructured =>
    strings(ours.ranked[program].map(({ gene }) => space.names[gene]));
  const programs = Array.from({ length: width }, (_, program) => programName(program));
  record.set('names', strings(programs));
  record.set('programs', new Map(programs.map((name, program) => [name, membersOf(program)])));
  record.set('mean_similarity', numbers(ours.cohesion.map(({ cohesion }) => cohesion)));
  record.set('p_random_genes', numbers(ours.cohesion.map(({ p }) => p)));
  if (ours.enrichment !== null) {
    const best = bestSets(ours);
    record.set('gene_sets', strings(best.map((found) => found?.set ?? '')));
    record.set('gene_sets_fdr', numbers(best.map((found) => found?.falseDiscoveryRate ?? Number.NaN)));
  }
  return {
    obsm: [
      ['X_scgpt_programs', { kind: 'dense', dtype: 'float32', shape: [cellCount, width], values: scores }],
    ],
    uns: [['scgpt_programs', record]],
  };
}
