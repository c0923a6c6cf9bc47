/** @file Which gene sets are over-represented among some genes: the hypergeometric test, within a stated universe. */

import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import { InputError } from '../../support/errors.ts';
import { falseDiscoveryRates } from '../false-discovery.ts';

/** Options of {@link overRepresentation}. */
export interface OverRepresentationOptions {
  /** Sets with fewer genes in the universe are not tested. Default 5. */
  readonly fewest?: number | undefined;
  /** Sets with more are not tested. Default 500. */
  readonly most?: number | undefined;
}

/** A set tested against a group of genes. */
export interface OverRepresented {
  /** Which group of genes. */
  readonly group: number;
  readonly set: string;
  /** Genes of the set in the universe. */
  readonly setSize: number;
  /** Genes in both, in the group's order. */
  readonly genes: readonly string[];
  /** Chance of as many or more in both, if the group were drawn from the universe. */
  readonly p: number;
  /** Times the number of tests: of all sets in all groups. */
  readonly bonferroni: number;
  /** False discovery rate of Benjamini & Hochberg over the same tests. */
  readonly falseDiscoveryRate: number;
  /** Genes in both over those expected by chance. */
  readonly foldEnrichment: number;
}

/** What was tested and what came out. */
export interface OverRepresentation {
  /** Genes that could have been in a group. */
  readonly universe: number;
  /** Those of them that any set of the file has. */
  readonly universeInSets: number;
  readonly setsTested: number;
  readonly tests: number;
  /** In the order of groups, then of sets. */
  readonly results: readonly OverRepresented[];
}

/**
 * Tests every set in every group of genes. Genes outside the universe count nowhere.
 *
 * @param groups genes of each, such as programs
 * @param universe every gene that could have been in a group: not all genes there are
 * @throws InputError when no set has enough genes in the universe
 */
export function overRepresentation(
  groups: readonly (readonly string[])[],
  universe: readonly string[],
  sets: readonly GeneSet[],
  { fewest = 5, most = 500 }: OverRepresentationOptions = {},
): OverRepresentation {
  const all = new Set(universe);
  const here = sets.map(({ name, genes }) => ({
    name,
    genes: new Set(genes.filter((gene) => all.has(gene))),
  }));
  const tested = here.filter(({ genes }) => genes.size >= fewest && genes.size <= most);
  if (tested.length === 0) throw noOverlap(here, universe, { fewest, most });

  const logFactorial = logFactorials(all.size);
  const results = groups.flatMap((given, group) => {
    const genes = [...new Set(given)].filter((gene) => all.has(gene));
    return tested.map((set) => {
      const both = genes.filter((gene) => set.genes.has(gene));
      const p = hypergeometricTail(both.length, {
        universe: all.size,
        marked: set.genes.size,
        drawn: genes.length,
        logFactorial,
      });
      const expected = (genes.length * set.genes.size) / all.size;
      return {
        group,
        set: set.name,
        setSize: set.genes.size,
        genes: both,
        p,
        foldEnrichment: expected > 0 ? both.length / expected : 0,
      };
    });
  });
  const rates = falseDiscoveryRates(Float64Array.from(results, ({ p }) => p));
  return {
    universe: all.size,
    universeInSets: new Set(here.flatMap(({ genes }) => [...genes])).size,
    setsTested: tested.length,
    tests: results.length,
    results: results.map((result, i) => ({
      ...result,
      bonferroni: Math.min(1, result.p * results.length),
      falseDiscoveryRate: rates[i],
    })),
  };
}

function noOverlap(
  sets: readonly { readonly genes: ReadonlySet<string> }[],
  universe: readonly string[],
  { fewest, most }: { readonly fewest: number; readonly most: number },
): InputError {
  const largest = sets.reduce((size, { genes }) => Math.max(size, genes.size), 0);
  return new InputError({
    what: `none of ${sets.length} gene sets can be tested: the largest shares ${largest} genes with the data`,
    where: `${universe.length} genes such as ${universe.slice(0, 3).join(', ')}`,
    expected: `sets with ${fewest} to ${most} of these genes`,
    advice: largest === 0 ? 'Are both named by symbols of the same species?' : undefined,
    reason: 'no_gene_set_overlap',
  });
}

/** Genes in an urn. */
export interface Urn {
  readonly universe: number;
  readonly marked: number;
  readonly drawn: number;
  readonly logFactorial: Float64Array; // [universe + 1]
}

/** Chance of drawing `count` marked genes or more. */
export function hypergeometricTail(count: number, { universe, marked, drawn, logFactorial }: Urn): number {
  const choose = (n: number, k: number): number => logFactorial[n] - logFactorial[k] - logFactorial[n - k];
  const least = Math.max(0, drawn + marked - universe);
  if (count <= least) return 1;
  const all = choose(universe, drawn);
  let tail = 0;
  for (let k = Math.min(marked, drawn); k >= count; k--) {
    tail += Math.exp(choose(marked, k) + choose(universe - marked, drawn - k) - all);
  }
  return Math.min(1, tail);
}

/** Logarithms of 0! to n!. */
export function logFactorials(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  let lost = 0; // by rounding so far: what Kahan's sum adds again
  for (let k = 2; k <= n; k++) {
    const term = Math.log(k) - lost;
    logs[k] = logs[k - 1] + term;
    lost = logs[k] - logs[k - 1] - term;
  }
  return logs;
}
