/** @file Which genes several inputs have together, and where each has them. */

/** Genes of the whole, and for each input the place of its columns among them (-1: not among them). */
export interface GeneJoin {
  readonly names: readonly string[];
  readonly places: readonly Int32Array[];
  /** True when every input has the same genes in the same order. */
  readonly identical: boolean;
}

/**
 * Joins gene names. A name that an input has several times is matched occurrence by occurrence: the second there is
 * the second here.
 *
 * @param join `outer` keeps the genes of any input, `inner` those of all; in the order of their first appearance
 */
export function joinGenes(inputs: readonly (readonly string[])[], join: 'outer' | 'inner'): GeneJoin {
  const [first, ...others] = inputs;
  if (others.every((names) => names.length === first.length && names.every((name, i) => name === first[i]))) {
    const places = Int32Array.from(first, (_, i) => i);
    return { names: first, places: inputs.map(() => places), identical: true };
  }
  const keyed = inputs.map(occurrences);
  const counts = new Map<string, number>();
  for (const keys of keyed) for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => join === 'outer' || count === inputs.length);
  const place = new Map(kept.map(([key], i) => [key, i]));
  return {
    names: kept.map(([key]) => key.slice(0, key.lastIndexOf('\0'))),
    places: keyed.map((keys) => Int32Array.from(keys, (key) => place.get(key) ?? -1)),
    identical: false,
  };
}

/** Names with the number of their occurrence, so that none repeats. */
function occurrences(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return `${name}\0${before}`;
  });
}
