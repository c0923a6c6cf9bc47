/** @file What was done to each cell of a screen, read from a column of obs as GEARS, scPerturb and others write it. */

import type { DataFrame } from '../../single-cell/data-frame.ts';
import { InputError } from '../../support/errors.ts';
import { didYouMean } from '../../support/similar-word.ts';
import { conditionReader } from './condition-names.ts';

/** What was done to cells. */
export interface Condition {
  /** As the column has it. */
  readonly name: string;
  /** The perturbed genes, each once, in alphabetical order; none of the control. */
  readonly genes: readonly string[];
}

/** A screen: conditions, and the condition of each cell. */
export interface Screen {
  /** The column it was read from. */
  readonly column: string;
  /** The control first, the others by name. */
  readonly conditions: readonly Condition[];
  /** Index into `conditions`, -1 for cells without one. */
  readonly codes: Int32Array; // [cells]
  /** Index of the control: 0. */
  readonly control: number;
}

/** Whether there is a gene of a name; a Set is one. */
export interface KnownGenes {
  has(name: string): boolean;
}

/** How a screen is read. */
export interface ScreenOptions {
  /** Default the first known one that has control cells. */
  readonly column?: string | undefined;
  /** The value of unperturbed cells. Default by the words the field uses: `control`, `ctrl`, `non-targeting`, ... */
  readonly control?: string | undefined;
  /** Values of cells whose perturbation is not known, beside those the field uses: `unassigned`, `multiple`, ... */
  readonly unassigned?: readonly string[] | undefined;
  /** Genes of values that do not name them, such as guides. */
  readonly genes?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Genes that there are: tells whether `A_B` is one name or two. */
  readonly known?: KnownGenes | undefined;
}

/** Columns by which published screens tell perturbations, the most usual first. */
export const knownColumns = [
  'condition',
  'perturbation',
  'perturbation_name',
  'target_gene',
  'gene',
  'guide_identity',
  'guide_target',
  'target',
] as const;

/**
 * Reads the screen. Values that name the same genes in another order or with another separator are one condition.
 *
 * @throws InputError when there is no such column, no control cell or none of the named value, or nothing but control cells
 */
export function readScreen(obs: DataFrame, options: ScreenOptions = {}): Screen {
  const read = conditionReader(options);
  const column = options.column ?? findColumn(obs, read, options.control);
  const values = obs.strings(column, 'obs');
  const { control: wanted } = options;
  if (wanted !== undefined && !values.includes(wanted)) throw withoutControl(column, values, wanted);
  for (const value of options.unassigned ?? []) {
    if (!values.includes(value)) throw withoutValue(column, values, value);
  }
  const named = new Map<string, { readonly condition: Condition; readonly cells: number[] }>();
  values.forEach((value, cell) => {
    const genes = value === null ? null : read(value);
    if (genes === null || value === null) return;
    const key = genes.join('+');
    const found = named.get(key) ?? { condition: { name: value, genes }, cells: [] };
    found.cells.push(cell);
    named.set(key, found);
  });
  const control = named.get('');
  const perturbed = [...named].filter(([key]) => key !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  if (control === undefined) throw withoutControl(column, values, options.control);
  if (perturbed.length === 0) throw withoutPerturbation(column, control.condition.name);
  const all = [control, ...perturbed.map(([, found]) => found)];
  const codes = new Int32Array(values.length).fill(-1);
  all.forEach(({ cells }, code) => {
    for (const cell of cells) codes[cell] = code;
  });
  return { column, conditions: all.map(({ condition }) => condition), codes, control: 0 };
}

/**
 * Perturbed names that are no measured gene, each once: genes whose own change cannot be seen (their effect on others is
 * still learnt and predicted), or compounds and doses, which a model tells by a condition token of that name.
 */
export function unmeasuredNames(
  { conditions }: Pick<Screen, 'conditions'>,
  genes: readonly string[],
): readonly string[] {
  const measured = new Set(genes);
  const names = new Set(conditions.flatMap((condition) => condition.genes));
  return [...names].filter((name) => !measured.has(name)).sort();
}

function findColumn(
  obs: DataFrame,
  read: (value: string) => readonly string[] | null,
  control: string | undefined,
): string {
  const there = knownColumns.filter((name) => obs.columns.has(name));
  const found = there.find((name) =>
    obs.strings(name, 'obs').some((value) => value !== null && read(value)?.length === 0),
  );
  if (found !== undefined) return found;
  if (there.length === 1) throw withoutControl(there[0], obs.strings(there[0], 'obs'), control);
  throw new InputError({
    what:
      there.length === 0
        ? 'no column is one that tells perturbations'
        : `no cell is ${control === undefined ? 'a control' : `'${control}'`} in ${there.join(', ')}`,
    where: 'obs',
    expected: `--condition-key with one of ${[...obs.columns.keys()].slice(0, 20).join(', ')}, and --control with its value of unperturbed cells`,
    reason: 'condition_column',
  });
}

/** Values that a message lists. */
const valuesListed = 12;

function withoutControl(
  column: string,
  values: readonly (string | null)[],
  control: string | undefined,
): InputError {
  const different = [...new Set(values)].filter((value) => value !== null).sort();
  const shown = different.slice(0, valuesListed).join(', ');
  const more = different.length > valuesListed ? ` and ${different.length - valuesListed} more` : '';
  const meant = control === undefined ? undefined : didYouMean(control, different);
  return new InputError({
    what: control === undefined ? 'no cell is a control' : `no cell is '${control}'`,
    where: `obs, column ${column}`,
    expected: `unperturbed cells, which changes are measured against; values are ${shown}${more}`,
    advice: meant ?? 'Name the value of unperturbed cells with --control',
    reason: 'no_control',
  });
}

/** A value that is to be left out and is misspelt would be learnt from. */
function withoutValue(column: string, values: readonly (string | null)[], value: string): InputError {
  const different = values.filter((each) => each !== null);
  return new InputError({
    what: `no cell is '${value}', which is to be left out`,
    where: `obs, column ${column}`,
    advice: didYouMean(value, new Set(different)) ?? 'Take it out of --unassigned',
    reason: 'no_such_value',
  });
}

function withoutPerturbation(column: string, control: string): InputError {
  return new InputError({
    what: `all cells with a condition are '${control}'`,
    where: `obs, column ${column}`,
    expected: 'at least one perturbation',
    reason: 'no_perturbation',
  });
}
