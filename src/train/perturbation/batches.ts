/** @file Batches of pairs, ready for a step: which genes they are over, and what their values are to become. */

import type { ModelConfig } from '../../model/config.ts';
import { type CellToPerturb, type Perturbation, perturbedBatch } from '../../model/perturbed-cells.ts';
import { randomStream } from '../../support/random.ts';
import type { ReadyBatch } from '../loop.ts';
import type { Profiles, ScreenCells } from './cells.ts';
import { type Pair, type PairOptions, pairsOfEpoch } from './pairs.ts';

/** What batches are made with. */
export interface PerturbationBatches extends PairOptions {
  readonly config: ModelConfig;
  readonly screen: ScreenCells;
  readonly profiles: Profiles;
  /** The token of every gene, -1 for none. */
  readonly tokens: Int32Array; // [genes]
  readonly pad: number;
  readonly batchSize: number;
  /** Most genes of a batch; where there are more, some are drawn for each. */
  readonly maxLength: number;
  /** Whether the perturbed genes are always among those drawn; the reference leaves it to chance. */
  readonly perturbedAlways: boolean;
  /** What each condition of the screen is to the model. */
  readonly perturbations: readonly Perturbation[];
}

/** Targets that are learnt from: pairs of a perturbation and a stratum. */
export type Included = (perturbation: number, stratum: number) => boolean;

/**
 * Batches without end, pass after pass over the cells: every pass pairs and shuffles anew. The same for the same seed.
 *
 * @param skip batches to pass over
 */
export function* endlessBatches(
  making: PerturbationBatches,
  included: Included,
  skip = 0,
): Generator<ReadyBatch> {
  let pending: Pair[] = [];
  let index = 0;
  for (let pass = 1; ; pass++) {
    let any = false;
    for (const pair of pairsOfEpoch(making.screen, making.profiles, included, pass, making)) {
      any = true;
      pending.push(pair);
      if (pending.length < making.batchSize) continue;
      if (index >= skip) yield readyBatch(pending, making, index);
      pending = [];
      index++;
    }
    if (!any) return;
  }
}

/** The batches of one pass, with a last one that may be smaller. */
export function* batchesOfPass(
  making: PerturbationBatches,
  included: Included,
  pass: number,
): Generator<ReadyBatch> {
  let pending: Pair[] = [];
  let index = 0;
  for (const pair of pairsOfEpoch(making.screen, making.profiles, included, pass, making)) {
    pending.push(pair);
    if (pending.length < making.batchSize) continue;
    yield readyBatch(pending, making, index++);
    pending = [];
  }
  if (pending.length > 0) yield readyBatch(pending, making, index);
}

function readyBatch(pairs: readonly Pair[], making: PerturbationBatches, index: number): ReadyBatch {
  const { config, tokens, pad, perturbations, screen } = making;
  const cells: CellToPerturb[] = pairs.map(({ before, perturbation }) => ({
    values: before,
    perturbation: perturbations[perturbation],
  }));
  const columns = columnsOf(cells, making, index);
  const { feeds, tokens: length } = perturbedBatch(cells, config, { columns, tokens, pad });
  const shape = [cells.length, length];
  const target = new Float32Array(cells.length * length);
  const scored = new Uint8Array(target.length);
  pairs.forEach(({ after }, cell) => {
    columns.forEach((column, place) => {
      target[cell * length + place] = after[column];
      scored[cell * length + place] = 1;
    });
  });
  return {
    feeds: {
      ...feeds,
      target: { dtype: 'float32', shape, data: target },
      masked: { dtype: 'bool', shape, data: scored },
      places: { dtype: 'int32', shape: [cells.length], data: Int32Array.from(cells.keys()) },
    },
    cells: cells.length,
    tokens: cells.length * length,
    weight: cells.length * columns.length,
    index,
    name: `cells of ${screen.strata[pairs[0].stratum].name}`,
  };
}

/** All genes with a token, or a sample of them beside the perturbed ones of the batch. */
function columnsOf(
  cells: readonly CellToPerturb[],
  { tokens, maxLength, perturbedAlways, seed }: PerturbationBatches,
  index: number,
): Int32Array {
  const known = Int32Array.from(tokens.keys()).filter((column) => tokens[column] >= 0);
  if (known.length <= maxLength) return known;
  const perturbed = new Set(
    perturbedAlways ? cells.flatMap(({ perturbation }) => [...perturbation.columns]) : [],
  );
  const others = known.filter((column) => !perturbed.has(column));
  const drawn = randomStream(seed, 'genes of a batch', index).sample(
    others.length,
    Math.max(1, Math.min(others.length, maxLength - perturbed.size)),
  );
  return Int32Array.from([...perturbed, ...drawn.map((place) => others[place])]).sort();
}

/** Genes in groups that are predicted together, each as large as those of training; drawn by the seed. */
export function geneGroups(tokens: Int32Array, maxLength: number, seed: number): readonly Int32Array[] {
  const known = Int32Array.from(tokens.keys()).filter((column) => tokens[column] >= 0);
  if (known.length <= maxLength) return [known];
  const shuffled = randomStream(seed, 'groups of genes').shuffle(known.slice());
  const count = Math.ceil(known.length / maxLength);
  return Array.from({ length: count }, (_, group) => {
    const [start, end] = [group, group + 1].map((edge) => Math.round((edge * known.length) / count));
    return shuffled.slice(start, end).sort();
  });
}
