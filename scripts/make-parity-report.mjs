/** @file Runs the comparisons with the reference's numbers and writes docs/parity.md: `npm run parity`. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'scgpt-parity-'));
const file = join(folder, 'comparisons.json');
execFileSync('npx', ['vitest', 'run', '--project', 'engine', 'test/engine/model/scgpt.test.ts'], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, SCGPT_PARITY: file },
});
const compared = JSON.parse(readFileSync(file, 'utf8'));
rmSync(folder, { recursive: true });

const cases = new Map();
for (const row of compared) cases.set(row.case, [...(cases.get(row.case) ?? []), row]);
const rows = [...cases].map(([name, all]) => {
  const worst = all.toSorted((a, b) => b.distance / b.tolerance - a.distance / a.tolerance)[0];
  const share = (100 * worst.distance) / worst.tolerance;
  return `| \`${name}\` | ${all.length} | \`${worst.tensor}\` | ${worst.distance.toExponential(1)} | ${worst.tolerance.toExponential(1)} | ${share.toFixed(0)} % |`;
});

const page = `# Parity with the Python reference

Made by \`npm run parity\`. Every tensor of the forward pass that the reference (scGPT 0.2.5, float32, torch 2.13 on a CPU) produced for a case of \`test/fixtures/model\` is compared with ours (float32, ONNX Runtime on a CPU) at real tokens. The tolerance is the fixture's: about 20 times the distance between the reference's own float32 and float64 runs.

${compared.length} tensors in ${cases.size} cases; the largest share of a tolerance that is used is ${Math.max(...compared.map((row) => (100 * row.distance) / row.tolerance)).toFixed(0)} %.

| case | tensors | nearest to its tolerance | largest distance | tolerance | used |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

The cases are described in \`test/fixtures/model/<case>/case.json\`. Not compared yet, because the release does not need them: the perturbation generator, the multi-omic model and generative pretraining.
`;
writeFileSync('docs/parity.md', page);
console.log(`docs/parity.md: ${compared.length} tensors`);
