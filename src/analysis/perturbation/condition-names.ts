/** @file What a condition's name means: control, a gene, several genes, or a cell whose perturbation is not known. */

import type { KnownGenes, ScreenOptions } from './screen.ts';

/** Words for unperturbed cells, as published screens have them: in lower case, without separators. */
const controlWord =
  /^(control|ctrl|nt|nontargeting|nontarget|negctrl\d*|negativecontrol|safetargeting|scrambled?|unperturbed|unstimulated|untreated|wildtype|wt|mock|vehicle|dmso|none)$/;
/** Words for cells that nothing is known of. */
const unassignedWord = /^(|unassigned|unknown|nan|na|multiple|multiplet|doublet|negative|ambiguous)$/;
/** Between the parts of one name, where it cannot be part of a gene's; `A_B__A_B` are two guides against the same genes. */
const separators = /[+|;,&]|__/;

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
    const parts = partsOf(value, known);
    if (parts.length === 0) return null;
    const perturbed = parts.filter((part) => !isControl(part) && !controlWord.test(plain(part)));
    const isOther = perturbed.length === 0 && !parts.every(isControl);
    return ordered(isOther ? parts : perturbed); // `ctrl` where the control is said to be another
  };
  return (value) => {
    const found = cache.get(value);
    if (found !== undefined) return found;
    const made = read(value);
    cache.set(value, made);
    return made;
  };
}

function partsOf(value: string, known: KnownGenes | undefined): string[] {
  const parts = value
    .split(separators)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return known === undefined ? parts : parts.flatMap((part) => halvesOf(part, known));
}

function halvesOf(part: string, known: KnownGenes): string[] {
  if (known.has(part)) return [part];
  const halves = part.split('_');
  const genes = halves.every((half) => known.has(half) || controlWord.test(plain(half)));
  return genes ? halves : [part];
}

const ordered = (genes: readonly string[]): readonly string[] => [...new Set(genes)].sort();
