/** @file The labels that cells are generated of. */

import { type Grouping, groupSizes } from '../../analysis/groups.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { plural } from '../../support/words.ts';

/** Of fewer cells nothing can be held out, and what is generated would be copies. */
const fewestOfLabel = 10;

/**
 * The labels asked for, all of at least 10 cells where none are; cells of others have none.
 *
 * @throws InputError when a label is unknown or has too few cells
 */
export function chosenKinds(
  all: Grouping,
  labels: readonly string[] | undefined,
  source: string | undefined,
  logger: Logger,
): Grouping {
  const where = source === undefined ? `obs/${all.name}` : `${source}, obs/${all.name}`;
  const unknown = labels?.find((label) => !all.groups.includes(label));
  if (unknown !== undefined) {
    throw new InputError({
      what: `no cell is '${unknown}'`,
      where,
      expected: `some of ${all.groups.slice(0, 20).join(', ')}`,
      reason: 'label_unknown',
    });
  }
  const sizes = groupSizes(all.codes, all.groups.length);
  const asked = all.groups.filter((label) => labels?.includes(label) ?? true);
  const small = asked.filter((label) => sizes[all.groups.indexOf(label)] < fewestOfLabel);
  if (small.length > 0 && (labels !== undefined || small.length === asked.length)) {
    throw new InputError({
      what: `too few cells are ${small.slice(0, 5).join(', ')}`,
      where,
      expected: `at least ${fewestOfLabel} of a label, of which a part is held out`,
      reason: 'too_few_cells',
    });
  }
  if (asked.length === 0) throw new InputError({ what: 'no cell has a label', where, reason: 'no_label' });
  if (small.length > 0) {
    logger.warning(
      `${plural(small.length, 'label')} with fewer than ${fewestOfLabel} cells left out: ${small.slice(0, 5).join(', ')}`,
    );
  }
  const kept = asked.filter((label) => !small.includes(label));
  return {
    name: all.name,
    groups: kept,
    codes: all.codes.map((code) => (code < 0 ? -1 : kept.indexOf(all.groups[code]))),
  };
}
