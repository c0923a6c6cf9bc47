/** @file Pairs and batches of a screen: matched by stratum, every cell once a pass, perturbed genes always there. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../../src/model/config.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import {
  batchesOfPass,
  endlessBatches,
  geneGroups,
  type PerturbationBatches,
} from '../../../../src/train/perturbation/batches.ts';
import { Profiles, strataOf } from '../../../../src/train/perturbation/cells.ts';
import { type PairOptions, pairsOfEpoch } from '../../../../src/train/perturbation/pairs.ts';

const genes = 12;
/** 40 cells: control and two perturbations in two batches. A cell's values are its own number in every gene. */
const codes = Int32Array.from({ length: 40 }, (_, cell) => cell % 3);
const stratumOf = Int32Array.from({ length: 40 }, (_, cell) => (cell < 20 ? 0 : 1));
const logged = new CsrMatrix([40, genes], {
  indptr: Float64Array.from({ length: 41 }, (_, row) => row * genes),
  indices: Int32Array.from({ length: 40 * genes }, (_, i) => i % genes),
  values: Float32Array.from({ length: 40 * genes }, (_, i) => Math.floor(i / genes)),
});
const strata = strataOf(codes, 0, stratumOf, ['a', 'b']);
const screen = { logged, strata };
const every = () => true;

async function pairs(
  options: Partial<PairOptions> = {},
  included = every as Parameters<typeof pairsOfEpoch>[2],
) {
  const profiles = await Profiles.of(logged);
  return [
    ...pairsOfEpoch(screen, profiles, included, 1, { pairing: 'matched', averaged: 1, seed: 0, ...options }),
  ];
}

describe('pairs', () => {
  it('have every perturbed cell once, with a control cell of its own stratum', async () => {
    const all = await pairs();
    const targets = all.map(({ after }) => after[0]).sort((a, b) => a - b);
    expect(targets).toEqual([...codes.keys()].filter((cell) => codes[cell] !== 0));
    for (const { before, after, perturbation } of all) {
      expect(codes[before[0]]).toBe(0);
      expect(codes[after[0]]).toBe(perturbation);
      expect(stratumOf[before[0]]).toBe(stratumOf[after[0]]);
    }
  });

  it('cross strata where they are random, as in the reference', async () => {
    const all = await pairs({ pairing: 'random' });
    expect(all.some(({ before, after }) => stratumOf[before[0]] !== stratumOf[after[0]])).toBe(true);
  });

  it('leave out what is not learnt from, and are means where cells are averaged', async () => {
    const all = await pairs(
      { averaged: 100 },
      (perturbation, stratum) => perturbation === 1 && stratum === 1,
    );
    const members = [...codes.keys()].filter((cell) => codes[cell] === 1 && cell >= 20);
    expect(all).toHaveLength(1);
    expect(all[0].after[3]).toBeCloseTo(members.reduce((sum, cell) => sum + cell, 0) / members.length, 4);
  });
});

async function making(maxLength: number): Promise<PerturbationBatches> {
  const none = { columns: new Int32Array(0), unmeasured: new Int32Array(0), conditions: [] };
  return {
    config: modelConfig({ vocabularySize: 20, architecture: 'perturbation' }),
    screen,
    profiles: await Profiles.of(logged),
    tokens: Int32Array.from({ length: genes }, (_, gene) => gene + 1),
    pad: 0,
    batchSize: 4,
    maxLength,
    perturbedAlways: true,
    perturbations: [none, { ...none, columns: Int32Array.of(7) }, { ...none, unmeasured: Int32Array.of(19) }],
    pairing: 'matched',
    averaged: 1,
    seed: 0,
  };
}

describe('batches', () => {
  it('always have the perturbed genes, flagged, those that are not measured as tokens with value 0', async () => {
    for (const { feeds, cells, tokens } of batchesOfPass(await making(5), every, 1)) {
      const length = tokens / cells;
      const rowOf = (name: string, cell: number) =>
        Array.from(feeds[name].data.subarray(cell * length, (cell + 1) * length) as Int32Array, Number);
      for (let cell = 0; cell < cells; cell++) {
        const flagged = rowOf('genes', cell).filter((_, i) => rowOf('flags', cell)[i] === 1);
        expect([[8], [19]]).toContainEqual(flagged);
        if (flagged[0] !== 19) continue;
        const place = rowOf('genes', cell).indexOf(19);
        expect(rowOf('values', cell)[place]).toBe(0);
        expect(rowOf('masked', cell)[place]).toBe(0); // there is no truth to learn
      }
    }
  });

  it('leave it to chance as the reference does, where that is asked for', async () => {
    const flagged: boolean[] = [];
    for (const { feeds, cells, tokens } of batchesOfPass(
      { ...(await making(5)), perturbedAlways: false },
      every,
      1,
    )) {
      expect(tokens / cells).toBeLessThanOrEqual(6); // and no more than one that is not measured
      flagged.push(Array.from(feeds.genes.data, Number).includes(8));
    }
    expect(new Set(flagged)).toEqual(new Set([true, false]));
  });

  it('are the same whether a run begins or goes on', async () => {
    const take = (skip: number, count: number, from: PerturbationBatches) => {
      const found = [];
      for (const batch of endlessBatches(from, every, skip)) {
        found.push(batch);
        if (found.length === count) break;
      }
      return found;
    };
    const made = await making(5);
    expect(take(11, 3, made)).toEqual(take(0, 14, made).slice(11));
  });

  it('end where nothing is to be learnt from', async () => {
    expect([...endlessBatches(await making(5), () => false)]).toEqual([]);
  });
});

describe('groups of genes', () => {
  it('have every gene with a token once, none more than are seen together in training', () => {
    const tokens = Int32Array.from({ length: 50 }, (_, gene) => (gene % 10 === 0 ? -1 : gene));
    const groups = geneGroups(tokens, 20, 1);
    expect(groups.flatMap((group) => [...group]).sort((a, b) => a - b)).toEqual(
      [...tokens.keys()].filter((gene) => gene % 10 !== 0),
    );
    for (const group of groups) expect(group.length).toBeLessThanOrEqual(20);
  });
});
