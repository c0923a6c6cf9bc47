/** @file Labels brought to one wording: renamed by a table on request, and told when they look alike but differ. */

import type { Grouping } from '../../analysis/groups.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';

/** New names of labels by their old ones. */
export type Renaming = ReadonlyMap<string, string>;

/**
 * A table of two columns, old name and new name, with or without the heading `from,to`.
 *
 * @param text comma- or tab-separated, names in double quotes where they hold commas
 * @param where the file, for messages
 * @throws InputError when a line has not two columns, or a name is renamed twice
 */
export function parseRenaming(text: string, where: string): Renaming {
  const renaming = new Map<string, string>();
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const fields = fieldsOf(line);
    if (i === 0 && fields[0].toLowerCase() === 'from' && fields[1]?.toLowerCase() === 'to') return;
    const [from, to] = fields;
    if (fields.length !== 2 || from === '' || to === '' || renaming.has(from)) {
      throw new InputError({
        what: renaming.has(from) ? `'${from}' is renamed twice` : `the line is '${line}'`,
        where: `${where}, line ${i + 1}`,
        expected: 'two columns: the label as it is, and as it is to be',
        reason: 'renaming',
      });
    }
    renaming.set(from, to);
  });
  return renaming;
}

function fieldsOf(line: string): string[] {
  const separator = line.includes('\t') ? '\t' : ',';
  const fields: string[] = [];
  const pattern = new RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}]*))(${separator}|$)`, 'g');
  for (const [, quoted, plain, end] of line.matchAll(pattern)) {
    fields.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === '') break;
  }
  return fields;
}

/** Labels under their new names; those that get one name become one class. Names that no label has are told. */
export function renamed({ name, codes, groups }: Grouping, renaming: Renaming, logger: Logger): Grouping {
  const unused = [...renaming.keys()].filter((from) => !groups.includes(from));
  if (unused.length > 0)
    logger.warning(`no cell has the label ${unused.map((from) => `'${from}'`).join(', ')}`);
  const newNames = groups.map((group) => renaming.get(group) ?? group);
  const kept = [...new Set(newNames)];
  const place = Int32Array.from(newNames, (group) => kept.indexOf(group));
  return { name, groups: kept, codes: codes.map((code) => (code < 0 ? -1 : place[code])) };
}

/** Sets of labels that differ in case, spaces, signs or a plural alone: probably one class by several names. */
export function lookAlikes(labels: readonly string[]): string[][] {
  const byWording = new Map<string, string[]>();
  for (const label of new Set(labels)) {
    const wording = label
      .toLowerCase()
      .replace(/[\s_\-.,/]+/g, ' ')
      .replace(/s\b/g, '')
      .trim();
    byWording.set(wording, [...(byWording.get(wording) ?? []), label]);
  }
  return [...byWording.values()].filter((group) => group.length > 1);
}

/** Tells labels that look alike; they stay apart. */
export function warnOfLookAlikes(labels: readonly string[], logger: Logger): void {
  for (const group of lookAlikes(labels)) {
    logger.warning(
      `${group.map((label) => `'${label}'`).join(' and ')} look like one class by several names; they are kept apart unless --harmonise gives a table that joins them`,
    );
  }
}
