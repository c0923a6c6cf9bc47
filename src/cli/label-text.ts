/** @file What commands that label cells say alike. */

import type { RejectionOutcome } from '../tasks/map/scores.ts';

/** A share as `94.0 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** What withholding labels did to right and wrong ones; nothing where no label was right. */
export function rejectionLines(rejection: RejectionOutcome | null): string[] {
  if (rejection === null || Number.isNaN(rejection.keptRight)) return [];
  const { keptRight, rejectedWrong, rejectedUnseen } = rejection;
  const parts = [
    `${percent(1 - keptRight)} of right labels`,
    ...(Number.isNaN(rejectedWrong) ? [] : [`${percent(rejectedWrong)} of wrong`]),
    ...(Number.isNaN(rejectedUnseen) ? [] : [`${percent(rejectedUnseen)} of cells of other classes`]),
  ];
  return [`  unassigned are ${parts.join(', ')}`];
}
