/** @file Fits a checkpoint's tensors to the parameters a model has, and tells what became of each. */

import { CheckpointError } from '../../support/errors.ts';
import type { StateDict, Tensor } from '../../support/tensor.ts';
import type { ExpectedParameter, ExpectedParameters, ModelPart } from '../parameters.ts';
import { toFloat32 } from './convert.ts';
import { officialName, wrapperPrefix } from './names.ts';
import { describeLoadReport } from './report.ts';

/** What became of every tensor of a checkpoint and every parameter of the model. All names are official. */
export interface LoadReport {
  /** Parameters that got the checkpoint's values. */
  readonly loaded: readonly string[];
  /** Tensors whose name in the checkpoint is not the official one. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Tensors of the checkpoint that the model has no place for. */
  readonly unused: readonly string[];
  /** Parameters the checkpoint lacks. */
  readonly missing: readonly string[];
  /** Parameters the checkpoint has in another shape; they are not loaded. */
  readonly wrongShape: readonly {
    readonly name: string;
    readonly expected: readonly number[];
    readonly found: readonly number[];
  }[];
  /** Loaded parameters with values that are no finite numbers. */
  readonly notFinite: readonly { readonly name: string; readonly nan: number; readonly infinite: number }[];
}

/** Parameters of a model by their official name, floats as float32, and what became of the checkpoint. */
export interface LoadedParameters {
  readonly parameters: StateDict;
  readonly report: LoadReport;
}

/** How to load. */
export interface LoadOptions {
  /** Accept missing, misshapen or non-finite weights, which are then in the report only. Default false. */
  readonly allowPartial?: boolean | undefined;
  /** For messages: the file. */
  readonly where?: string | undefined;
}

/** Without these a model computes something else than it was trained to; heads a task can start anew. */
const core: ReadonlySet<ModelPart> = new Set<ModelPart>([
  'gene embedding',
  'value encoder',
  'condition embedding',
  'input batch norm',
  'transformer',
]);

/**
 * Loads a checkpoint into the parameters a model has.
 *
 * Names are brought to the official layout, floats to float32. A tensor is used only if its name and shape fit.
 *
 * @throws CheckpointError (reason `partial`) when embedding, attention, norm or other encoder weights are missing or
 * do not fit, or when any loaded value is not finite, unless `allowPartial`.
 */
export function loadParameters(
  expected: ExpectedParameters,
  found: StateDict,
  { allowPartial = false, where }: LoadOptions = {},
): LoadedParameters {
  const { official, renamed } = officialState(found, where);
  const parameters: StateDict = new Map();
  const missing: string[] = [];
  const wrongShape: LoadReport['wrongShape'][number][] = [];
  const notFinite: LoadReport['notFinite'][number][] = [];
  for (const [name, { shape }] of expected) {
    const tensor = official.get(name);
    if (tensor === undefined) {
      missing.push(name);
    } else if (!sameShape(tensor.shape, shape)) {
      wrongShape.push({ name, expected: shape, found: tensor.shape });
    } else {
      const values = toFloat32(tensor);
      const { nan, infinite } = countNotFinite(values);
      if (nan + infinite > 0) notFinite.push({ name, nan, infinite });
      parameters.set(name, values);
    }
  }
  const unused = [...official.keys()].filter((name) => !expected.has(name));
  const report: LoadReport = {
    loaded: [...parameters.keys()],
    renamed,
    unused,
    missing,
    wrongShape,
    notFinite,
  };
  if (!allowPartial) refusePartial(expected, report, where);
  return { parameters, report };
}

function officialState(
  found: StateDict,
  where: string | undefined,
): { official: StateDict; renamed: LoadReport['renamed'] } {
  const prefix = wrapperPrefix(found.keys());
  const official: StateDict = new Map();
  const renamed: LoadReport['renamed'][number][] = [];
  for (const [from, tensor] of found) {
    const to = officialName(from, prefix);
    if (official.has(to)) {
      throw new CheckpointError({
        what: `two tensors are both ${to}; one of them is named ${from}`,
        where,
        expected: 'one layout of attention names',
        reason: 'name_twice',
      });
    }
    official.set(to, tensor);
    if (from !== to) renamed.push({ from, to });
  }
  return { official, renamed };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function countNotFinite({ data }: Tensor): { nan: number; infinite: number } {
  let nan = 0;
  let infinite = 0;
  if (data instanceof Float32Array) {
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (value - value === 0) continue; // true for every finite number
      if (Number.isNaN(value)) nan++;
      else infinite++;
    }
  }
  return { nan, infinite };
}

function refusePartial(expected: ExpectedParameters, report: LoadReport, where: string | undefined): void {
  const isCore = (name: string): boolean => core.has((expected.get(name) as ExpectedParameter).part);
  const fatal: LoadReport = {
    loaded: [],
    renamed: [],
    unused: [],
    missing: report.missing.filter(isCore),
    wrongShape: report.wrongShape.filter(({ name }) => isCore(name)),
    notFinite: report.notFinite,
  };
  if (fatal.missing.length + fatal.wrongShape.length + fatal.notFinite.length === 0) return;
  throw new CheckpointError({
    what: `the weights do not fit the model:\n${describeLoadReport(fatal, { all: true }).join('\n')}\n`,
    where,
    expected: 'every embedding, attention and norm weight, in its shape and finite',
    advice:
      'Check that args.json (or config.json) and vocab.json came with these weights; --allow-partial loads what fits and starts the rest at random.',
    reason: 'partial',
  });
}
