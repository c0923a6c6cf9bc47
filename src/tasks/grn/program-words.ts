/** @file Gene programs in sentences, for terminal and report alike. */

import { count, plural } from '../../support/words.ts';
import type { GeneProgramsResult } from './gene-programs.ts';
import { type ComparedPrograms, type FoundPrograms, setsFound, significant } from './programs.ts';

/** What was tested, and how many tests that makes; null without gene sets. */
export function universeSentence({ enrichment }: FoundPrograms): string | null {
  if (enrichment === null) return null;
  const { universe, universeInSets, setsTested, tests } = enrichment;
  return `Tested were ${plural(setsTested, 'gene set')} of 5 to 500 genes in a universe of ${plural(universe, 'gene')}, ${count(universeInSets)} of them in a set: ${plural(tests, 'test')}.`;
}

/** Whether programs are worth more than those of plain methods. */
export function verdictSentence({ ours, baselines }: ComparedPrograms): string {
  if (ours.found.programs.length === 0) return 'No program was found: choose a lower --resolution.';
  if (ours.enrichment === null) {
    return 'No gene sets were given: nothing outside these cells says whether the programs are biology.';
  }
  const found = (programs: FoundPrograms): number => setsFound(programs, 'falseDiscoveryRate').size;
  const best = baselines.reduce((a, b) => (found(b) > found(a) ? b : a));
  const beside = baselines
    .map((baseline) => `${count(found(baseline))} by ${baseline.name} (${baseline.found.programs.length})`)
    .join(' and ');
  const counts = `At ${100 * significant} % false discoveries the ${plural(ours.found.programs.length, 'program')} hold ${plural(found(ours), 'gene set')}, beside ${beside}.`;
  if (found(ours) > found(best)) {
    return `${counts} More than either plain method: the model adds to them on these cells, by this measure and at this resolution.`;
  }
  if (found(ours) === found(best)) {
    return `${counts} As many as by ${best.name}: the model adds nothing to it on these cells, by this measure.`;
  }
  return `${counts} Fewer than by ${best.name}: use that, unless single programs speak for the model.`;
}

/** How many programs are more than random genes. */
export function cohesionSentence({ cohesion }: FoundPrograms, permutations: number): string {
  const passed = cohesion.filter(({ p }) => p < significant).length;
  return `${count(passed)} of ${plural(cohesion.length, 'program')} are more alike than random genes (p < ${significant}, ${plural(permutations, 'draw')}).`;
}

/** What came out, the headline first. */
export function programSentences(result: GeneProgramsResult, permutations: number): string[] {
  const { ours, space, cellsRead, cellCount, ofGroups } = result;
  const inPrograms = ours.found.codes.filter((code) => code >= 0).length;
  const cells =
    cellsRead < cellCount ? `${count(cellsRead)} of ${plural(cellCount, 'cell')}` : plural(cellCount, 'cell');
  return [
    `${plural(ours.found.programs.length, 'program')} with ${count(inPrograms)} of ${plural(space.names.length, 'gene')}, from ${cells}.`,
    verdictSentence(result),
    ...(ours.found.programs.length === 0 ? [] : [cohesionSentence(ours, permutations)]),
    ...(ofGroups === null ? [] : [`Programs were found in each of ${plural(ofGroups.length, 'group')} too.`]),
  ];
}
