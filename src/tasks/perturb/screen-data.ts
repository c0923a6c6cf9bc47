/** @file A screen made ready: cells log-normalised, sorted by what was done to them, by batch and by context. */

import { baselineScale } from '../../analysis/baseline.ts';
import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import { readScreen, type Screen } from '../../analysis/perturbation/screen.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { loadGeneTables } from '../../single-cell/genes/load.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { log1p, normalizeTotal } from '../../single-cell/preprocess/normalize.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import type { ScreenCells } from '../../train/perturbation/cells.ts';
import { Profiles, strataOf } from '../../train/perturbation/cells.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';
import { knownGenes, perturbableNames } from './gene-names.ts';

/** Where a screen says what it is. */
export interface ScreenKeys extends CellSource {
  /** The obs column of conditions; default the first known one. */
  readonly conditionKey?: string | undefined;
  /** Its value of unperturbed cells; default by the words the field uses. */
  readonly control?: string | undefined;
  /** The obs column of batches: cells are compared within them. */
  readonly batchKey?: string | undefined;
  /** The obs column of contexts, such as cell types, in which a perturbation may act differently. */
  readonly contextKey?: string | undefined;
  /** Other values of the condition column that are left out. */
  readonly unassigned?: readonly string[] | undefined;
}

/** A screen in memory. */
export interface ScreenData extends ScreenCells {
  readonly screen: Pick<Screen, 'column' | 'conditions' | 'codes' | 'control'>;
  readonly context: Grouping | null;
  readonly batch: Grouping | null;
  readonly profiles: Profiles;
  /** Names of all measured genes, symbols where the file has them. */
  readonly genes: readonly string[];
  /** The token of each in the pretrained model's vocabulary, -1 for none. */
  readonly tokenIds: Int32Array; // [genes]
  /** The context of each stratum, by number; 0 where there is one. */
  readonly contextOf: Int32Array; // [strata]
  /** Names of contexts; one without a name where there is no column. */
  readonly contexts: readonly string[];
}

/** A screen out of a file. */
export interface ScreenOfFile extends ScreenData {
  readonly prepared: PreparedCells;
}

/** Fewer control cells have a mean that is mostly noise. */
const fewestControls = 20;

/**
 * Reads a screen.
 *
 * @throws InputError when columns, control cells or perturbations are missing, or values cannot be used
 */
export async function screenData(
  data: AnnData,
  vocabulary: Vocabulary,
  keys: ScreenKeys,
  targetSum: number,
  logger: Logger,
  control: RunControl = {},
): Promise<ScreenOfFile> {
  const prepared = await prepareCells(data, vocabulary, keys, control);
  tellGeneMatch(prepared, logger);
  const tables = await loadGeneTables();
  const genes = perturbableNames(prepared, tables);
  const screen = readScreen(data.obs, {
    column: keys.conditionKey,
    control: keys.control,
    unassigned: keys.unassigned,
    known: knownGenes(genes, vocabulary, tables),
  });
  tellScreen(screen, logger);
  const batch =
    keys.batchKey === undefined ? null : groupingOf(keys.batchKey, data.obs.column(keys.batchKey));
  const context =
    keys.contextKey === undefined ? null : groupingOf(keys.contextKey, data.obs.column(keys.contextKey));
  const logged = await loggedExpression(prepared, targetSum, control);
  const made = await sortedScreen({ logged, screen, genes, tokenIds: prepared.tokenIds, batch, context });
  requireControls(
    made.strata.reduce((sum, stratum) => sum + stratum.control.length, 0),
    screen,
    logger,
  );
  for (const { name, control: controls, perturbed } of made.strata) {
    if (controls.length > 0 || perturbed.size === 0) continue;
    logger.warning(`${name} has perturbed cells and no control cell: these are not learnt from`);
  }
  return { ...made, prepared };
}

/** Sorts the cells of a screen by what was done to them, by batch and by context. */
export async function sortedScreen(
  given: Pick<ScreenData, 'logged' | 'screen' | 'genes' | 'tokenIds' | 'batch' | 'context'>,
): Promise<ScreenData> {
  const { logged, screen, batch, context } = given;
  const { stratumOf, names, contextOf } = stratify(screen.codes.length, batch, context);
  return {
    ...given,
    strata: strataOf(screen.codes, screen.control, stratumOf, names),
    profiles: await Profiles.of(logged),
    contextOf,
    contexts: context?.groups ?? ['all cells'],
  };
}

/** Logged values as they are; counts normalised and logged. */
export async function loggedExpression(
  { matrix, diagnosis }: PreparedCells,
  targetSum: number,
  control: RunControl,
): Promise<CsrMatrix> {
  if (baselineScale(diagnosis.kind) === 'logged') return inMemory(matrix, control);
  return inMemory(log1p((await normalizeTotal(matrix, targetSum, control)).matrix), control);
}

function stratify(
  cells: number,
  batch: Grouping | null,
  context: Grouping | null,
): { readonly stratumOf: Int32Array; readonly names: readonly string[]; readonly contextOf: Int32Array } {
  const places = new Map<string, number>();
  const contexts: number[] = [];
  const stratumOf = Int32Array.from({ length: cells }, (_, cell) => {
    const [b, c] = [batch?.codes[cell] ?? 0, context?.codes[cell] ?? 0];
    if (b < 0 || c < 0) return -1;
    const name =
      [batch?.groups[b], context?.groups[c]].filter((part) => part !== undefined).join(', ') || 'all cells';
    const found = places.get(name);
    if (found !== undefined) return found;
    contexts.push(c);
    places.set(name, places.size);
    return places.size - 1;
  });
  return { stratumOf, names: [...places.keys()], contextOf: Int32Array.from(contexts) };
}

function tellScreen({ column, conditions, codes, control }: Screen, logger: Logger): void {
  const combined = conditions.filter(({ genes }) => genes.length > 1);
  const such = combined.slice(0, 1).map(({ name, genes }) => ` (${name} is ${genes.join(' and ')})`);
  const what = `${plural(conditions.length - 1, 'perturbation')}${combined.length === 0 ? '' : `, ${combined.length} of them combinations${such}`}`;
  logger.info(`obs/${column} tells what was done: ${what}; unperturbed: ${conditions[control].name}`);
  const left = codes.filter((code) => code < 0).length;
  if (left > 0) logger.info(`${plural(left, 'cell')} whose perturbation is not known are left out`);
}

function requireControls(controls: number, { column, conditions, control }: Screen, logger: Logger): void {
  const { name } = conditions[control];
  if (controls === 0) {
    throw new InputError({
      what: `no cell of '${name}' is in a batch and context that is known`,
      where: `obs, column ${column}`,
      expected: 'unperturbed cells',
      reason: 'no_control',
    });
  }
  if (controls < fewestControls) {
    logger.warning(
      `only ${plural(controls, 'control cell')}: their mean, which all changes are measured against, is mostly noise`,
    );
  }
}
