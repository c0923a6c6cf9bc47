/** @file Tells people what became of a checkpoint when it was loaded. */

import { plural } from '../../support/words.ts';
import type { LoadReport } from './load.ts';

/** Names listed per line of a report unless all are asked for. */
const namesShown = 6;

/**
 * A report as lines of text: one for what went well, one for each kind of trouble.
 *
 * @param all list every name instead of the first few
 */
export function describeLoadReport(report: LoadReport, { all = false } = {}): string[] {
  const list = (names: readonly string[], separator = ', '): string => {
    const shown = all ? names : names.slice(0, namesShown);
    const rest = names.length - shown.length;
    return shown.join(separator) + (rest > 0 ? `${separator}and ${rest} more` : '');
  };
  const lines: string[] = [];
  if (report.loaded.length > 0) {
    const renamed = report.renamed.length > 0 ? `, ${report.renamed.length} under another name` : '';
    lines.push(`${plural(report.loaded.length, 'tensor')} loaded${renamed}`);
  }
  if (report.unused.length > 0) {
    lines.push(`${plural(report.unused.length, 'tensor')} unused: ${list(report.unused)}`);
  }
  if (report.missing.length > 0) {
    lines.push(`${plural(report.missing.length, 'tensor')} missing: ${list(report.missing)}`);
  }
  if (report.wrongShape.length > 0) {
    const described = report.wrongShape.map(
      ({ name, expected, found }) => `${name} (${shapeText(found)} instead of ${shapeText(expected)})`,
    );
    lines.push(`${plural(report.wrongShape.length, 'tensor')} of the wrong shape: ${list(described)}`);
  }
  if (report.notFinite.length > 0) {
    const described = report.notFinite.map(({ name, nan, infinite }) => {
      const counts = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} infinite` : ''];
      return `${name} (${counts.filter((text) => text !== '').join(', ')})`;
    });
    lines.push(
      `${plural(report.notFinite.length, 'tensor')} with values that are no numbers: ${list(described)}`,
    );
  }
  return lines;
}

function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' x ');
}
