/** @file anndata reads a saved reference: labels, embedding and thresholds where Python's tools look for them. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeH5ad } from '../../../src/single-cell/h5ad/write.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { referenceToSave, savedReference } from '../../../src/tasks/map/saved-reference.ts';
import { smallReference, smallVocabulary, someCalibration } from '../../unit/tasks/map/small-reference.ts';

const scratch = mkdtempSync(join(tmpdir(), 'scgpt-saved-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync('/usr/bin/python3', ['-W', 'ignore', '-c', ...args], { encoding: 'utf8' });

const look = `
import anndata, json, sys
a = anndata.read_h5ad(sys.argv[1])
print(json.dumps(dict(
    types=list(a.obs['type']), genes=list(a.var_names), X=a.X is None, embedding=a.obsm['X_scGPT'].tolist(),
    labels=list(a.uns['scgpt_reference']['labels']), score=float(a.uns['scgpt_reference']['held_out']['0']['score']),
)))
a.write_h5ad(sys.argv[2])
`;

it('is read by anndata, and still is a saved reference after anndata wrote it', async (context) => {
  if (run('import anndata').status !== 0) context.skip('needs python3-anndata');
  const [ours, theirs] = [join(scratch, 'ours.h5ad'), join(scratch, 'theirs.h5ad')];
  const calibrations = new Map(['type', 'by/hand'].map((name) => [name, someCalibration]));
  const { labels } = smallReference;
  const named = { ...smallReference, labels: [labels[0], { ...labels[1], name: 'by hand' }] };
  const renamed = new Map([
    ['type', someCalibration],
    ['by hand', someCalibration],
  ]);
  await writeH5ad(referenceToSave(smallReference, calibrations, 15, smallVocabulary), ours, {});
  const again = await openData(ours);
  expect(savedReference(again)).toEqual({ labels: ['type', 'by/hand'], neighbours: 15, calibrations });
  await again.close();
  await writeH5ad(referenceToSave(named, renamed, 15, smallVocabulary), ours, { force: true });
  const { stdout, stderr } = run(look, ours, theirs);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    types: ['B', 'T', 'T'],
    genes: ['CD3D', 'LYZ'],
    X: true,
    embedding: [
      [1, 0],
      [0, 1],
      [Math.fround(0.6), Math.fround(0.8)],
    ],
    labels: ['type', 'by hand'],
    score: 0.625,
  });
  const written = await openData(theirs);
  expect(savedReference(written)).toEqual({
    labels: ['type', 'by hand'],
    neighbours: 15,
    calibrations: renamed,
  });
  await written.close();
});
