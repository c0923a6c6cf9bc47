/** @file Runs the comparisons with the reference's numbers and writes docs/parity.md: `npm run parity`. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Each comparison adds a line: see test/engine/parity.ts. */
function runComparisons() {
  const folder = mkdtempSync(join(tmpdir(), 'scgpt-parity-'));
  const file = join(folder, 'comparisons.jsonl');
  const tests = ['test/engine/model', 'test/engine/nn', 'test/engine/train'];
  execFileSync('npx', ['vitest', 'run', '--project', 'engine', ...tests], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, SCGPT_PARITY: file },
  });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  rmSync(folder, { recursive: true });
  return lines.map((line) => JSON.parse(line));
}

const share = ({ distance, tolerance }) => (distance === 0 ? 0 : (100 * distance) / tolerance);

/** A table of one kind of comparison, a row for each case. */
function tableOf(kind, compared) {
  const cases = new Map();
  for (const row of compared) {
    if (row.kind !== kind) continue;
    const tensors = cases.get(row.case) ?? new Map();
    const known = tensors.get(row.tensor);
    if (known === undefined || share(row) > share(known)) tensors.set(row.tensor, row);
    cases.set(row.case, tensors);
  }
  const rows = [...cases].sort().map(([name, tensors]) => {
    const worst = [...tensors.values()].toSorted((a, b) => share(b) - share(a))[0];
    return `| \`${name}\` | ${tensors.size} | \`${worst.tensor}\` | ${worst.distance.toExponential(1)} | ${worst.tolerance.toExponential(1)} | ${share(worst).toFixed(0)} % |`;
  });
  const count = [...cases.values()].reduce((sum, tensors) => sum + tensors.size, 0);
  const largest = Math.max(...compared.filter((row) => row.kind === kind).map(share));
  return `## ${kind[0].toUpperCase()}${kind.slice(1)}

${count} tensors in ${cases.size} cases; the largest share of a tolerance that is used is ${largest.toFixed(0)} %.

| case | tensors | nearest to its tolerance | largest distance | tolerance | used |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

const compared = runComparisons();
const page = `# Parity with the Python reference

Made by \`npm run parity\`. What the reference (scGPT 0.2.5 and the branch that pretrained the released models, float32, torch 2.13 on a CPU) produced for a case of \`test/fixtures/model\` is compared with ours (float32, ONNX Runtime on a CPU; some also on WebAssembly, where the larger distance counts) at real tokens. The tolerance is the fixture's: about 20 times the distance between the reference's own float32 and float64 runs.

${['forward pass', 'losses and gradients', 'optimiser steps'].map((kind) => tableOf(kind, compared)).join('\n')}
The cases are described in \`test/fixtures/model/<case>/case.json\`. Not compared yet: the perturbation generator and the multi-omic model.
`;
writeFileSync('docs/parity.md', page);
console.log(`docs/parity.md: ${compared.length} comparisons`);
