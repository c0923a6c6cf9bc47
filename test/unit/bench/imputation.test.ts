/** @file Plain methods of imputation score what the benchmark stores of them. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { BenchmarkFiles } from '../../../bench/tasks/files.ts';
import { hiddenEntrySet, mulberry32, panelSet } from '../../../bench/tasks/imputation-sets.ts';
import { StoredPeers } from '../../../bench/tasks/peers.ts';
import { imputationMethods } from '../../../src/analysis/imputation/methods.ts';
import { panelMethods } from '../../../src/analysis/imputation/panel/methods.ts';
import { panelScores } from '../../../src/analysis/imputation/panel/scores.ts';
import { imputationScores, predictEntries } from '../../../src/analysis/imputation/scores.ts';

const shared = fileURLToPath(new URL('../../../../shared', import.meta.url));
const here = existsSync(`${shared}/data/symphony_pbmc_3tech.h5ad`);
if (!here) console.log('skipped: ../shared/data/symphony_pbmc_3tech.h5ad is not here');

describe('the generator of the benchmark', () => {
  it('gives the draws it states', () => {
    const draw = mulberry32(42);
    for (const expected of [0.60110375, 0.44829056, 0.85246579]) expect(draw()).toBeCloseTo(expected, 7);
  });
});

describe.skipIf(!here)('stored scores', () => {
  const files = new BenchmarkFiles(shared);
  const peers = here ? new StoredPeers(`${shared}/benchmarks/imputation.json`) : null;
  afterAll(() => files.close());

  /** Methods on components or neighbours differ by how the stored ones found their components, which is not stated. */
  const tolerance = (id: string): number => (/knn|ridge|low-rank/.test(id) ? 0.015 : 0.0005);

  it('of hidden entries', { timeout: 60_000 }, async () => {
    const set = 'symphony_pbmc_3tech/mask20';
    const { expression, entries } = await hiddenEntrySet(set, files, shared);
    for (const method of imputationMethods) {
      const scores = imputationScores(entries, predictEntries(await method.fit(expression), entries));
      const name = method.id.startsWith('low-rank')
        ? `${method.name} (ALRA-like, no threshold)`
        : method.name;
      const stored = peers?.of(set, name)?.scores;
      expect(stored, name).toBeDefined();
      expect(Math.abs(scores.pearsonPerCell - Number(stored?.pearson_per_cell)), name).toBeLessThan(
        tolerance(method.id),
      );
      expect(Math.abs(scores.spearmanPerCell - Number(stored?.spearman_per_cell)), name).toBeLessThan(
        tolerance(method.id),
      );
      expect(Math.abs(scores.mseAfterLinearFit - Number(stored?.mse_after_linear_fit)), name).toBeLessThan(
        tolerance(method.id),
      );
    }
  });

  it('of missing genes', { timeout: 60_000 }, async () => {
    const set = 'symphony_pbmc_3tech/panel/query 5p';
    const { reference, query, truth } = await panelSet(set, files, shared);
    for (const method of panelMethods) {
      const scores = panelScores(await method.fit(reference, query), truth);
      const stored = peers?.of(set, method.name)?.scores;
      expect(stored, method.name).toBeDefined();
      expect(Math.abs(scores.pearsonPerGene - Number(stored?.pearson_per_gene)), method.name).toBeLessThan(
        tolerance(method.id),
      );
      expect(Math.abs(scores.mse - Number(stored?.mse)), method.name).toBeLessThan(tolerance(method.id));
    }
  });
});
