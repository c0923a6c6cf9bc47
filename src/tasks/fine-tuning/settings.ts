/** @file What the settings of fine-tuning tasks share: how they are checked and how the learning rate changes. */

import type { z } from 'zod';
import { UsageError } from '../../support/errors.ts';
import type { Schedule } from '../../train/schedule.ts';

/**
 * The settings of a call: what is said, the rest as `base` has it. What is no setting, such as a device, is passed over.
 *
 * @param name of the settings, for errors
 * @throws UsageError naming what does not fit
 */
export function completeSettings<Settings extends object>(
  said: object,
  base: Settings,
  schema: z.ZodType<Settings>,
  name: string,
): Settings {
  const given = Object.entries(said).filter(([key, value]) => value !== undefined && key in base);
  const parsed = schema.safeParse({ ...base, ...Object.fromEntries(given) });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UsageError({ what: problems.join('; '), where: name, reason: 'settings' });
}

/** How the learning rate changes: times 0.9 after each epoch (`step`, as published), half a cosine, or not at all. */
export type ScheduleKind = 'step' | 'cosine' | 'constant';

/** The schedule of the learning rate over so many updates. */
export function scheduleOf(
  { schedule: kind, learningRate: rate }: { readonly schedule: ScheduleKind; readonly learningRate: number },
  totalSteps: number,
): Schedule {
  switch (kind) {
    case 'constant':
      return { kind, rate };
    case 'step':
      return { kind, rate, gamma: 0.9, epochs: 1 };
    case 'cosine':
      return { kind, rate, warmUpSteps: Math.ceil(totalSteps / 20) };
  }
}
