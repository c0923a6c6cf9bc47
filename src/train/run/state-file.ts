/** @file A training state, or parameters alone, as one safetensors file that notices any damage. */

import { z } from 'zod';
import type { ByteSource } from '../../model/checkpoint/byte-source.ts';
import { encodeSafetensors, openSafetensors } from '../../model/checkpoint/safetensors.ts';
import { crc32 } from '../../support/crc32.ts';
import { CheckpointError, OutputError } from '../../support/errors.ts';
import { bytesOf, type StateDict } from '../../support/tensor.ts';
import type { LogPosition } from './log-position.ts';
import type { TrainingProgress, TrainingState } from './training-state.ts';

/** Changes whenever older files can no longer be read. */
const stateFormat = 'scgpt training state 1';
const parametersFormat = 'scgpt parameters 1';

const sections = {
  parameters: 'parameters/',
  firstMoments: 'first/',
  secondMoments: 'second/',
} as const;

const progressSchema = z.object({
  step: z.int().min(0),
  epoch: z.int().min(1),
  batch: z.int().min(0),
  bestLoss: z.number().nullable(),
  bestStep: z.int().min(0).nullable(),
  epochsWithoutImprovement: z.int().min(0),
  elapsedSeconds: z.number().min(0),
  epochSums: z.record(z.string(), z.number()),
});

const positionSchema = z.record(z.string(), z.int().min(0));

/** A saved state, and how far the log had come when it was saved. */
export interface SavedState {
  readonly state: TrainingState;
  readonly log: LogPosition;
}

/**
 * A training state in parts to be written one after the other; values are not copied.
 *
 * @throws OutputError when the progress holds a number that is not finite: JSON would lose it.
 */
export function encodeState({ state, log }: SavedState): Uint8Array[] {
  const tensors: StateDict = new Map();
  for (const [section, prefix] of Object.entries(sections)) {
    for (const [name, tensor] of state[section as keyof typeof sections]) tensors.set(prefix + name, tensor);
  }
  const progress = JSON.stringify(checkedProgress(state.progress));
  return sealed(tensors, { format: stateFormat, progress, log: JSON.stringify(log) });
}

/**
 * Reads a training state.
 *
 * @throws CheckpointError when the file is damaged or is no training state.
 */
export async function decodeState(source: ByteSource): Promise<SavedState> {
  const { tensors, metadata } = await unsealed(source, stateFormat);
  const section = (prefix: string): StateDict =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  return {
    state: {
      parameters: section(sections.parameters),
      firstMoments: section(sections.firstMoments),
      secondMoments: section(sections.secondMoments),
      progress: parsed(source, 'progress', progressSchema, metadata),
    },
    log: parsed(source, 'log', positionSchema, metadata),
  };
}

/** Parameters alone, under their own names: any reader of safetensors can use the file. */
export function encodeParameters(parameters: StateDict): Uint8Array[] {
  return sealed(parameters, { format: parametersFormat });
}

/**
 * Reads parameters alone.
 *
 * @throws CheckpointError when the file is damaged or was not written by {@link encodeParameters}.
 */
export async function decodeParameters(source: ByteSource): Promise<StateDict> {
  return (await unsealed(source, parametersFormat)).tensors;
}

function checkedProgress(progress: TrainingProgress): TrainingProgress {
  const result = progressSchema.safeParse(progress);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new OutputError({
    what: `the progress of the run cannot be saved: ${path.join('.')}: ${message}`,
    advice: 'The run has diverged: lower the learning rate. The checkpoint before this one is whole',
    reason: 'progress',
  });
}

function parsed<T>(
  source: ByteSource,
  key: string,
  schema: z.ZodType<T>,
  metadata: Readonly<Record<string, string>>,
): T {
  try {
    return schema.parse(JSON.parse(metadata[key]));
  } catch (cause) {
    throw new CheckpointError({
      what: `its ${key} cannot be read`,
      where: source.name,
      advice: 'It was not written by this program, or by another version of it',
      reason: 'training_state',
      cause,
    });
  }
}

/** Encodes tensors and texts with a checksum over both. */
function sealed(tensors: StateDict, metadata: Readonly<Record<string, string>>): Uint8Array[] {
  return encodeSafetensors(tensors, { ...metadata, checksum: checksum(tensors, metadata) });
}

async function unsealed(source: ByteSource, format: string) {
  const checkpoint = await openSafetensors(source);
  const { checksum: expected, ...metadata } = checkpoint.metadata;
  if (metadata.format !== format) {
    throw new CheckpointError({
      what: `this file is ${metadata.format === undefined ? 'of another kind' : `a file "${metadata.format}"`}`,
      where: source.name,
      expected: `a file "${format}"`,
      reason: 'training_state',
    });
  }
  const tensors = await checkpoint.read();
  if (checksum(tensors, metadata) !== expected) {
    throw new CheckpointError({
      what: 'the file is damaged: its checksum does not fit its content',
      where: source.name,
      reason: 'checksum',
    });
  }
  return { tensors, metadata };
}

/** The CRC-32 of the texts, then of each tensor's name, type, shape and values. */
function checksum(tensors: StateDict, metadata: Readonly<Record<string, string>>): string {
  const utf8 = new TextEncoder();
  let sum = crc32(utf8.encode(JSON.stringify(metadata)));
  for (const [name, tensor] of tensors) {
    sum = crc32(utf8.encode(JSON.stringify([name, tensor.dtype, tensor.shape])), sum);
    sum = crc32(bytesOf(tensor), sum);
  }
  return sum.toString(16).padStart(8, '0');
}
