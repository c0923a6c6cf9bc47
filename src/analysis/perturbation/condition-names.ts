/** @file What a condition's name means: control, a gene, several genes, or a cell whose perturbation is not known. */

import type { ScreenOptions } from './screen.ts';

/** Words for unperturbed cells, as published screens have them: in lower case, without separators. */
const controlWord =
  /^(control|ctrl|nt|nontargeting|nontarget|negctrl\d*|negativecontrol|safetargeting|scrambled?|unperturbed|unstimulated|untreated|wildtype|wt|mock|vehicle|dmso|none)$/;
/** Words for cells that nothing is known of. */
const unassignedWord = /^(|unassigned|unknown|nan|na|multiple|multiplet|doublet|negative|ambiguous)$/;
/** Between the genes of one name, where it cannot be part of a gene's. */
const separators = /[+|;,&]/;

const plain = (value: string): string => value.toLowerCase().replaceAll(/[\s_.*-]/g, '');

/**
 * Reads names: the genes in alphabetical order, none for the control, null for a cell whose perturbation is not known.
 * `A+ctrl` and `ctrl+A` are `A`; `A_B` is two genes where both are known and the whole is none.
 */
export function conditionReader({
  control,
  unassigned = [],
  genes,
  known,
}: Omit<ScreenOptions, 'column'>): (value: string) => readonly string[] | null {
  const isControl = (part: string): boolean =>
    control === undefined ? controlWord.test(plain(part)) : part === control;
  const cache = new Map<string, readonly string[] | null>();
  const read = (value: string): readonly string[] | null => {
    const given = genes?.get(value);
    if (given !== undefined) return ordered(given);
    if (isControl(value)) return [];
    if (unassigned.includes(value) || unassignedWord.test(plain(value))) return null;
    const parts = split(value, known);
    const perturbed = parts.filter((part) => !isControl(part) && !controlWord.test(plain(part)));
    return ordered(perturbed.length === 0 ? parts : perturbed); // `ctrl` where the control is said to be another
  };
  return (value) => {
    const found = cache.get(value);
    if (found !== undefined) return found;
    const made = read(value);
    cache.set(value, made);
    return made;
  };
}

function split(value: string, known: ReadonlySet<string> | undefined): string[] {
  const parts = value
    .split(separators)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length > 1 || known === undefined || known.has(value)) return parts;
  const halves = value.split('_');
  const genes = halves.every((part) => known.has(part) || controlWord.test(plain(part)));
  return genes ? halves : parts;
}

const ordered = (genes: readonly string[]): readonly string[] => [...new Set(genes)].sort();
