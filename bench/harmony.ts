/**
 * @file Harmony beside harmonypy on the same principal components, scored by `benchmarks/integration.md`.
 *
 * Usage: npm run tools && node .build/bench/harmony.js [--python python3] [--shared ../shared]
 *        [--only symphony_pbmc_3tech,kang_ifnb_labelled]
 * The Python needs what bench/reference/harmony_reference.py names.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { harmony } from '../src/analysis/integration/harmony.ts';
import { plainPca, scaledPca } from '../src/analysis/integration/principal-components.ts';
import type { Points } from '../src/analysis/points.ts';
import { markdownTable, median, type Row } from './support/table.ts';
import { BenchmarkFiles } from './tasks/files.ts';
import { prepareSet, scoreSet } from './tasks/integration.ts';
import { components, integrationSets } from './tasks/integration-sets.ts';

const { values: given } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    shared: { type: 'string', default: process.env.SCGPT_SHARED ?? '../shared' },
    only: { type: 'string', default: 'symphony_pbmc_3tech,kang_ifnb_labelled' },
  },
});
const seeds = [0, 1, 2];
const folder = mkdtempSync(join(tmpdir(), 'harmony-'));
const [placesFile, batchesFile, outFile] = ['places.f64', 'batches.i32', 'out.f64'].map((name) =>
  join(folder, name),
);
const files = new BenchmarkFiles(given.shared);
const rows: Row[] = [];
for (const set of integrationSets.filter(({ name }) => given.only.split(',').includes(name))) {
  const prepared = await prepareSet(set, files);
  const { expression, batch } = prepared.cells;
  for (const [genes, principalComponents] of Object.entries({ plain: plainPca, scaled: scaledPca })) {
    const { points } = await principalComponents({ expression, batch, dimensions: components, seed: 0 });
    writeFileSync(placesFile, new Uint8Array(Float64Array.from(points.values).buffer));
    writeFileSync(batchesFile, new Uint8Array(batch.codes.slice().buffer));
    const runs = {
      ours: (seed: number) => harmony(points, batch, { seed }),
      harmonypy: async (seed: number) => harmonypy(points, seed),
    };
    for (const [by, run] of Object.entries(runs)) {
      const results: { seconds: number; scores: Record<string, number> }[] = [];
      for (const seed of seeds) {
        const started = performance.now();
        const corrected = await run(seed);
        const seconds = (performance.now() - started) / 1000;
        results.push({ seconds, scores: await scoreSet(corrected, prepared) });
      }
      const mean = (score: string) =>
        (results.reduce((sum, result) => sum + result.scores[score], 0) / seeds.length).toFixed(3);
      rows.push({
        set: set.name,
        genes,
        by,
        overall: mean('overall'),
        'overall, each seed': results.map(({ scores }) => scores.overall.toFixed(3)).join(' '),
        AvgBIO: mean('AvgBIO'),
        AvgBATCH: mean('AvgBATCH'),
        's, process and files included': median(results.map(({ seconds }) => seconds)).toFixed(2),
      });
    }
  }
}
await files.close();
rmSync(folder, { recursive: true });
console.log(markdownTable(rows));

function harmonypy(points: Points, seed: number): Points {
  const script = join('bench', 'reference', 'harmony_reference.py');
  const places = ['correct', placesFile, batchesFile, String(points.dimensions), String(seed), outFile];
  execFileSync(given.python, ['-W', 'ignore', script, ...places]);
  const values = new Float64Array(new Uint8Array(readFileSync(outFile)).buffer);
  return { values, count: points.count, dimensions: points.dimensions };
}
