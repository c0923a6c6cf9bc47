/** @file How a table separates its fields, told from its first lines. */

import { InputError } from '../../support/errors.ts';

/** Separators that are read, the surest first: names hold spaces more often than commas, and tabs never. */
const separators = ['\t', ',', ' '] as const;
type Separator = (typeof separators)[number];

/** What the separator is called. */
export const separatorNames: Readonly<Record<Separator | ';', string>> = {
  '\t': 'tab',
  ',': 'comma',
  ' ': 'space',
  ';': 'semicolon',
};

/**
 * The byte that separates fields.
 *
 * @param lines the header and, if there is one, the first row
 * @throws InputError when the fields are separated by semicolons or by nothing that is known
 */
export function detectSeparator(lines: readonly string[], path: string): number {
  for (const line of lines.slice(0, 2)) {
    const bare = line.replace(/"(?:[^"]|"")*"/g, 'quoted');
    const found = separators.find((separator) => bare.includes(separator));
    const semicolons = bare.includes(';');
    if (semicolons && (found === undefined || found === ' ')) throw semicolonError(lines, path);
    if (found !== undefined) return found.charCodeAt(0);
  }
  throw new InputError({
    what: 'there is one column only',
    where: path,
    expected: 'a table whose fields are separated by tabs, commas or spaces',
    reason: 'wrong_separator',
  });
}

function semicolonError(lines: readonly string[], path: string): InputError {
  const decimalComma = lines.slice(1).some((line) => /(^|;)"?-?\d+,\d+"?(;|$)/.test(line));
  return new InputError({
    what: `the fields are separated by semicolons${decimalComma ? ', with a decimal comma' : ''}; read at commas or tabs there is one column only`,
    where: path,
    expected: 'fields separated by tabs or commas, and a decimal point',
    advice: decimalComma
      ? 'In R write it again with write.csv instead of write.csv2.'
      : 'Replace each semicolon by a tab, or in R write it again with write.csv.',
    reason: 'wrong_separator',
  });
}
