/** @file Names of a screen's genes as its perturbations name them, and what counts as a gene in a condition's name. */

import type { KnownGenes } from '../../analysis/perturbation/screen.ts';
import { detectNames } from '../../single-cell/genes/name-list.ts';
import { resolveName } from '../../single-cell/genes/resolve.ts';
import type { GeneTables } from '../../single-cell/genes/tables.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import type { PreparedCells } from '../prepare.ts';

/**
 * Symbols where there are some, since conditions name genes by them: where the model's names were found, else in the next
 * best column, else what Ensembl ids mean. A gene whose symbol another has already keeps its name of the index.
 */
export function perturbableNames(
  { genes: { index }, geneMatch: { column } }: Pick<PreparedCells, 'genes' | 'geneMatch'>,
  tables: GeneTables,
): readonly string[] {
  const places = column === null ? [index] : [column.names, ...(column.second ? [column.second.names] : [])];
  const symbols = places.find((names) => detectNames(names).kind !== 'human_ensembl');
  return distinct(symbols ?? index.map((id) => resolveName(id, tables).symbol ?? id), index);
}

function distinct(names: readonly string[], index: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name, gene) => {
    const free = name !== '' && !taken.has(name) ? name : index[gene];
    taken.add(free);
    return free;
  });
}

/** A name that is measured, a token, or an approved or earlier symbol. Aliases are too short and many to be trusted here. */
export function knownGenes(
  measured: readonly string[],
  vocabulary: Vocabulary,
  tables: GeneTables,
): KnownGenes {
  const names = new Set([...measured, ...vocabulary.tokens]);
  const isSymbol = (name: string): boolean =>
    tables.named('approved', name).length > 0 || tables.named('previous', name).length > 0;
  return { has: (name) => names.has(name) || isSymbol(name) };
}
