/** @file What became of a whole list of names, summed up as the fixture sums it up. */

import { areEntrezIds } from '../../../../src/single-cell/genes/name-list.ts';
import { type ResolvedName, resolveName } from '../../../../src/single-cell/genes/resolve.ts';
import type { GeneTables } from '../../../../src/single-cell/genes/tables.ts';

/** What became of a list of names, by human symbol. */
export interface NameReport {
  readonly inputs: number;
  readonly mapped: number;
  readonly ambiguous: readonly string[];
  readonly unmapped: readonly string[];
  /** Names that come more than once, spelled the same. */
  readonly repeatedInputs: readonly string[];
  /** Symbols that several inputs mean, with the positions of these inputs. */
  readonly merged: ReadonlyMap<string, readonly number[]>;
  readonly distinctSymbols: number;
}

/** Reads every name of a list; bare numbers count as Entrez ids where most names are numbers. */
export function resolveNames(names: readonly string[], tables: GeneTables): ResolvedName[] {
  const numbersAreEntrez = areEntrezIds(names);
  return names.map((name) => resolveName(name, tables, { numbersAreEntrez }));
}

/** Sums up what {@link resolveNames} found. */
export function reportNames(resolved: readonly ResolvedName[]): NameReport {
  const positions = new Map<string, number[]>();
  const seen = new Map<string, number>();
  resolved.forEach(({ input, symbol }, position) => {
    seen.set(input, (seen.get(input) ?? 0) + 1);
    if (symbol !== null) positions.set(symbol, [...(positions.get(symbol) ?? []), position]);
  });
  const inputs = (chosen: (name: ResolvedName) => boolean) =>
    resolved.filter(chosen).map(({ input }) => input);
  const undecided = ({ symbol, candidates }: ResolvedName) => symbol === null && candidates.length > 0;
  return {
    inputs: resolved.length,
    mapped: inputs(({ symbol }) => symbol !== null).length,
    ambiguous: inputs(undecided),
    unmapped: inputs((name) => name.symbol === null && !undecided(name)),
    repeatedInputs: [...seen].filter(([, times]) => times > 1).map(([name]) => name),
    merged: new Map([...positions].filter(([, inputs]) => inputs.length > 1)),
    distinctSymbols: positions.size,
  };
}
