/** @file What a perturbation is to a model: measured genes, genes that only have a token, or a treatment it has seen. */

import type { Perturbation } from '../../model/perturbed-cells.ts';
import { loadGeneTables } from '../../single-cell/genes/load.ts';
import { mapGenes } from '../../single-cell/genes/mapping.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import { InputError } from '../../support/errors.ts';
import { didYouMean } from '../../support/similar-word.ts';
import type { TokenFeatures } from './token-features.ts';

/** What a model can be told of perturbations. */
export interface Terms {
  /** Names of the measured genes. */
  readonly genes: readonly string[];
  /** The token of each. */
  readonly tokens: Int32Array; // [genes]
  readonly vocabulary: Vocabulary;
  /** What was done to cells and is no gene, such as a drug and its dose. */
  readonly treatments: readonly string[];
  readonly features: TokenFeatures | null;
  /** Those of them that are of the pretrained embedding; they come first. */
  readonly embeddingWidth: number;
}

/** The condition of cells that names treatments. */
export const treatmentCondition = 'treatment';

/** Names of perturbed things, sorted into genes and treatments. */
export interface SortedNames {
  /** The token of each gene, by its name. */
  readonly genes: ReadonlyMap<string, number>;
  readonly treatments: readonly string[];
}

/** Tells genes, which have a token by any name they have had or are measured, from treatments, which have none. */
export async function sortNames(
  names: Iterable<string>,
  { genes, tokens, vocabulary }: Pick<Terms, 'genes' | 'tokens' | 'vocabulary'>,
): Promise<SortedNames> {
  const all = [...new Set(names)];
  const { ids } = mapGenes(all, vocabulary, await loadGeneTables(), {});
  const measured = new Map(genes.map((gene, column) => [gene, tokens[column]]));
  const found = all.map((name, i) => [name, measured.get(name) ?? ids[i]] as const);
  return {
    genes: new Map(found.filter(([, token]) => token >= 0)),
    treatments: found.filter(([, token]) => token < 0).map(([name]) => name),
  };
}

/**
 * What is done to a cell whose perturbation has these names.
 *
 * @param seen perturbed genes of the screen: what a misspelt name most likely meant
 * @throws InputError for what is no gene and was not in the screen
 */
export function perturbationOf(
  names: readonly string[],
  sorted: SortedNames,
  terms: Terms,
  seen: readonly string[] = [],
): Perturbation {
  const tokens = names.flatMap((name) => sorted.genes.get(name) ?? []);
  const treatment = names.filter((name) => !sorted.genes.has(name)).join('+');
  const columns = tokens.flatMap((token) => {
    const column = terms.tokens.indexOf(token);
    return column < 0 ? [] : [column];
  });
  return {
    columns: Int32Array.from(columns),
    unmeasured: Int32Array.from(tokens.filter((token) => !terms.tokens.includes(token))),
    features: terms.features === null ? undefined : sumOfFeatures(tokens, terms.features),
    conditions:
      treatment === '' ? terms.treatments.slice(0, 1).map(() => 0) : [rowOf(treatment, terms, seen)],
  };
}

/** The perturbations that something is known of, and those that have a name that means nothing to the model. */
export function knownPerturbations(
  perturbations: readonly (readonly string[])[],
  sorted: SortedNames,
  { treatments }: Pick<Terms, 'treatments'>,
): { readonly known: readonly (readonly string[])[]; readonly unknown: readonly string[] } {
  const isKnown = (names: readonly string[]): boolean => {
    const treatment = names.filter((name) => !sorted.genes.has(name)).join('+');
    return treatment === '' || treatments.includes(treatment);
  };
  return {
    known: perturbations.filter(isKnown),
    unknown: perturbations.filter((names) => !isKnown(names)).map((names) => names.join('+')),
  };
}

/** @throws InputError for a treatment that the model was not trained on */
function rowOf(treatment: string, terms: Terms, seen: readonly string[]): number {
  const row = terms.treatments.indexOf(treatment) + 1;
  if (row > 0) return row;
  throw unknownTreatment(treatment, terms, seen);
}

/** Nothing is known of a name that is no gene and was not in the screen. */
function unknownTreatment(
  name: string,
  { treatments, genes, vocabulary }: Terms,
  seen: readonly string[],
): InputError {
  return new InputError({
    what: `nothing can be predicted of '${name}': it is no gene that the model knows, and the screen it learnt from has no such condition`,
    expected:
      treatments.length === 0 ? 'genes by their symbols' : `genes, or one of ${treatments.join(', ')}`,
    advice: didYouMean(name, [...treatments, ...seen, ...genes, ...vocabulary.tokens]),
    reason: 'unknown_perturbation',
  });
}

function sumOfFeatures(tokens: readonly number[], { width, values }: TokenFeatures): Float32Array {
  const sum = new Float32Array(width);
  for (const token of tokens) {
    for (let i = 0; i < width; i++) sum[i] += values[token * width + i];
  }
  return sum;
}
