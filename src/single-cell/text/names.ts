/** @file Names that occur more than once. */

/** Says which names repeat, `A twice, B 3 times`, a few of them; undefined when none does. */
export function repeatedNames(names: readonly string[], shown = 5): string | undefined {
  if (new Set(names).size === names.length) return undefined;
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const repeated = [...counts].filter(([, count]) => count > 1);
  const told = repeated
    .slice(0, shown)
    .map(([name, count]) => `${name} ${count === 2 ? 'twice' : `${count} times`}`);
  const more = repeated.length - told.length;
  return more > 0 ? `${told.join(', ')} and ${more} more` : told.join(', ');
}
