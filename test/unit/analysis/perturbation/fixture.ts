/** @file The made screen of the fixture: profiles, training and test conditions. */

import { type TrainingProfiles, trainingProfiles } from '../../../../src/analysis/perturbation/predictor.ts';
import { type Profiles, profilesOf } from '../../../../src/analysis/perturbation/profiles.ts';
import { readScreen } from '../../../../src/analysis/perturbation/screen.ts';
import { DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { inMemory } from '../../../../src/single-cell/in-memory.ts';
import { golden } from '../../single-cell/golden.ts';
import { matrixOf } from '../rows.ts';

interface Case {
  readonly parameters: Record<'conditions' | 'genes' | 'train' | 'test', string[]>;
  readonly de_order_by_abs_t: Record<string, number[]>;
  readonly results: Record<
    string,
    {
      default: { per_condition_sorted_by_name: Record<string, number[]> };
      mse_top20_de: Record<string, number>;
      mse_all: Record<string, number>;
      pearson_delta_centred_on_train_mean: Record<string, number | 'NaN' | null>;
    }
  >;
}

export const fixture = golden<Case>('perturbation-metrics');
const { conditions, genes, train } = fixture.about.parameters;
const codes = fixture.i32('condition');
export const screen = readScreen(
  new DataFrame(
    Array.from(codes, (_, cell) => `cell${cell}`),
    [['condition', { kind: 'string', values: Array.from(codes, (code) => conditions[code]) }]],
  ),
);

/** Condition of the screen by the fixture's name. */
export function codeOf(name: string): number {
  return screen.conditions.findIndex(
    (condition) => condition.genes.join('+') === name.replace('+ctrl', '').replace(/^ctrl$/, ''),
  );
}

export async function profiles(): Promise<Profiles> {
  const expression = await inMemory(matrixOf(fixture.f32('X'), 450, 80));
  return profilesOf(expression, screen.codes, screen.conditions.length);
}

export async function training(): Promise<TrainingProfiles> {
  return trainingProfiles(genes, screen, await profiles(), train.map(codeOf));
}
