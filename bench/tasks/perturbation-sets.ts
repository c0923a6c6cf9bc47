/** @file The screens of `benchmarks/perturbation.md`: profiles, splits and what predictions are scored against. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupSizes } from '../../src/analysis/groups.ts';
import type { ContextProfiles } from '../../src/analysis/perturbation/contexts/predictor.ts';
import { halvesOf } from '../../src/analysis/perturbation/controls.ts';
import { differences, mostDifferent } from '../../src/analysis/perturbation/differences.ts';
import { type Profiles, profilesOf } from '../../src/analysis/perturbation/profiles.ts';
import { type Effect, measuredEffects } from '../../src/analysis/perturbation/responders.ts';
import { readScreen, type Screen } from '../../src/analysis/perturbation/screen.ts';
import { foldsOf, leaveOneOut, type Split } from '../../src/analysis/perturbation/splits.ts';
import type { CsrMatrix } from '../../src/single-cell/csr-matrix.ts';
import { type GeneSet, parseGeneSets } from '../../src/single-cell/genes/gene-sets.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import { log1p, normalizeTotal } from '../../src/single-cell/preprocess/normalize.ts';
import type { BenchmarkFiles } from './files.ts';

/** Fewer cells are neither scored nor learnt from. */
const fewestCells = 100;

/** The knock-outs of `papalexi_eccite_thp1`. */
export interface KnockOuts {
  readonly genes: readonly string[];
  /** ln(1 + 200 count / total). */
  readonly expression: CsrMatrix; // [cells, genes]
  /** Conditions of fewer than 100 cells are left out: their cells have code -1. */
  readonly screen: Screen;
  readonly batches: readonly (string | null)[]; // [cells]
  readonly profiles: Profiles;
  readonly effects: ReadonlyMap<number, Effect>;
  /** Means of every other control cell of the file: what a prediction may see, and what the truth is measured against. */
  readonly halves: {
    readonly seen: Float64Array;
    readonly other: Float64Array;
    readonly otherCells: Int32Array;
  };
  readonly sets: readonly GeneSet[];
}

export async function knockOuts(files: BenchmarkFiles, shared: string): Promise<KnockOuts> {
  const data = await files.open('papalexi_eccite_thp1');
  if (data.X === null) throw new Error('papalexi_eccite_thp1 has no X');
  const whole = readScreen(data.obs, { column: 'condition' });
  const sizes = groupSizes(whole.codes, whole.conditions.length);
  const screen = {
    ...whole,
    codes: whole.codes.map((code) => (code < 0 || sizes[code] < fewestCells ? -1 : code)),
  };
  const expression = await inMemory(log1p((await normalizeTotal(data.X, 200)).matrix));
  const profiles = await profilesOf(expression, screen.codes, screen.conditions.length);
  const controls = Int32Array.from(screen.codes.keys()).filter(
    (cell) => screen.codes[cell] === screen.control,
  );
  const halves = halvesOf(controls);
  const codes = new Int32Array(screen.codes.length).fill(-1);
  for (const cell of halves.first) codes[cell] = 0;
  for (const cell of halves.second) codes[cell] = 1;
  const [seen, other] = (await profilesOf(expression, codes, 2)).means;
  const gmt = join(shared, 'data', 'reference', 'reactome_msigdb_v6.2.symbols.gmt');
  return {
    genes: data.var.index,
    expression,
    screen,
    batches: data.obs.strings('batch'),
    profiles,
    effects: new Map(measuredEffects(screen, profiles).map((effect) => [effect.condition, effect])),
    halves: { seen, other, otherCells: halves.second },
    sets: parseGeneSets(readFileSync(gmt, 'utf8'), gmt),
  };
}

/** How knock-outs are held out: alone, or by their place in the alphabet modulo 5. */
export const schemes: Readonly<Record<string, (scored: Int32Array) => Split[]>> = {
  LOPO: leaveOneOut,
  '5-split': (scored) => foldsOf(scored, 5),
};

/** The types of `kang_ifnb_labelled`, stimulated and not. */
export interface StimulatedTypes {
  readonly types: readonly string[];
  readonly genes: readonly string[];
  /** ln(1 + 10,000 count / total). */
  readonly expression: CsrMatrix; // [cells, genes]
  /** 2t for control cells of type t, 2t + 1 for stimulated ones, -1 for cells that take no part. */
  readonly codes: Int32Array; // [cells]
  readonly profiles: ContextProfiles; // [types]
  /** Genes by |Welch t| of each type. */
  readonly top: readonly Int32Array[];
}

export async function stimulatedTypes(files: BenchmarkFiles): Promise<StimulatedTypes> {
  const data = await files.open('kang_ifnb_labelled');
  if (data.X === null) throw new Error('kang_ifnb_labelled has no X');
  const typeOf = data.obs.strings('cell_type_coarse');
  const stimulated = data.obs.strings('condition').map((value) => value === 'stim');
  const types = [...new Set(typeOf)]
    .filter((type) => type !== null && type !== 'Megakaryocytes')
    .sort() as string[];
  const codes = Int32Array.from(typeOf, (type, cell) =>
    type === null || !types.includes(type) ? -1 : 2 * types.indexOf(type) + (stimulated[cell] ? 1 : 0),
  );
  const expression = await inMemory(log1p((await normalizeTotal(data.X, 1e4)).matrix));
  const profiles = await profilesOf(expression, codes, 2 * types.length);
  return {
    types,
    genes: data.var.index,
    expression,
    codes,
    profiles: {
      control: types.map((_, i) => profiles.means[2 * i]),
      perturbed: types.map((_, i) => profiles.means[2 * i + 1]),
    },
    top: types.map((_, i) => mostDifferent(differences(profiles, 2 * i + 1, 2 * i), 100)),
  };
}
