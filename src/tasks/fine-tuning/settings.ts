/** @file What the settings of fine-tuning tasks share: how they are checked and how the learning rate changes. */

import { z } from 'zod';
import { UsageError } from '../../support/errors.ts';
import type { Schedule } from '../../train/schedule.ts';
import { freezePattern } from '../../train/trainable.ts';

/** A count of at least one. */
export const size = z.int().min(1);

/** How the learning rate changes: times 0.9 after each epoch (`step`, as published), half a cosine, or not at all. */
const scheduleKind = z.enum(['step', 'cosine', 'constant']);
type ScheduleKind = z.infer<typeof scheduleKind>;

/** Choices that every fine-tuning has. */
export const fineTuningFields = {
  learningRate: z.number().gt(0),
  schedule: scheduleKind,
  dropout: z.number().min(0).lt(1),
  /** What is held fixed of the model. */
  freeze: z.string().regex(freezePattern),
  /** Largest norm of the gradient. */
  clipNorm: z.number().gt(0),
  /** Whether the model begins with random weights instead of its own. */
  fromScratch: z.boolean(),
  seed: z.int().min(0),
};

/** Choices of those that hold out cells to know when to stop. */
export const heldOutFields = {
  /** Share of cells that is held out. */
  validationShare: z.number().gt(0).lt(1),
  /** Epochs without a better score on held-out cells after which to stop; null for none. */
  patience: size.nullable(),
};

/** Any of the settings, the rest as the task has them. */
export type Some<Settings> = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

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
