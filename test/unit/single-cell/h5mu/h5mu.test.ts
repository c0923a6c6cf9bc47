/** @file h5mu files: what is written comes back, also of modalities with different cells; what is none is refused. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../../../src/single-cell/anndata.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { categorical, DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../../../src/single-cell/h5ad/write.ts';
import { MuData } from '../../../../src/single-cell/h5mu/mudata.ts';
import { openH5mu } from '../../../../src/single-cell/h5mu/node.ts';
import {
  featureTypeColumn,
  modalityOfObsm,
  splitByFeatureType,
} from '../../../../src/single-cell/h5mu/split.ts';
import { writeH5mu } from '../../../../src/single-cell/h5mu/write.ts';
import { Hdf5File } from '../../../../src/single-cell/hdf5/file.ts';
import { nodeHdf5 } from '../../../../src/single-cell/hdf5/node.ts';
import { InputError } from '../../../../src/support/errors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-h5mu-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Cells x features with the value 10 cell + feature + 1. */
function modality(cells: readonly string[], features: readonly string[]): AnnData {
  const width = features.length;
  return new AnnData({
    obs: new DataFrame(cells),
    var: new DataFrame(features),
    X: new CsrMatrix([cells.length, width], {
      indptr: Float64Array.from({ length: cells.length + 1 }, (_, row) => row * width),
      indices: Int32Array.from({ length: cells.length * width }, (_, i) => i % width),
      values: Float32Array.from(
        { length: cells.length * width },
        (_, i) => 10 * Math.floor(i / width) + (i % width) + 1,
      ),
    }),
  });
}

const rna = modality(['a', 'b', 'c'], ['CD3D', 'CD8A']);
const protein = modality(['c', 'b', 'd'], ['CD3', 'CD8', 'CD19']);

describe('h5mu', () => {
  it('comes back as it was written, with cells of either modality', async () => {
    const path = join(folder, 'both.h5mu');
    const data = new MuData({
      modalities: [
        ['rna', rna],
        ['protein', protein],
      ],
      uns: [['note', 'kept']],
    });
    expect(data.obs.index).toEqual(['a', 'b', 'c', 'd']);
    await writeH5mu(data, path);
    const read = await openH5mu(path);
    expect([...read.modalities.keys()]).toEqual(['rna', 'protein']);
    expect(read.obs.index).toEqual(['a', 'b', 'c', 'd']);
    expect(read.var.index).toEqual(['CD3D', 'CD8A', 'CD3', 'CD8', 'CD19']);
    expect(read.uns.get('note')).toBe('kept');
    const again = read.modalities.get('protein') as AnnData;
    expect(again.obs.index).toEqual(['c', 'b', 'd']);
    expect([...((await again.X?.rows(1, 2))?.values ?? [])]).toEqual([11, 12, 13]);
    expect([...read.rowsOf(again)]).toEqual([0, 2, 1, 3]);
    await read.close();
  });

  it('writes the maps and marks that other programs read', async () => {
    const path = join(folder, 'maps.h5mu');
    await writeH5mu(
      new MuData({
        modalities: [
          ['rna', rna],
          ['protein', protein],
        ],
      }),
      path,
    );
    const file = Hdf5File.open(await nodeHdf5(), path);
    expect(file.text('', 'encoding-type')).toBe('MuData');
    expect([...(await file.dataset('obsmap/rna').numbers())]).toEqual([1, 2, 3, 0]);
    expect([...(await file.dataset('obsmap/protein').numbers())]).toEqual([0, 2, 1, 3]);
    expect([...(await file.dataset('varmap/rna').numbers())]).toEqual([1, 2, 0, 0, 0]);
    expect(file.text('mod/rna', 'encoding-type')).toBe('anndata');
    file.close();
  });

  it('refuses files without modalities', async () => {
    const h5ad = join(folder, 'plain.h5ad');
    await writeH5ad(rna, h5ad);
    await expect(openH5mu(h5ad)).rejects.toThrow(/holds no modalities/);
    const text = join(folder, 'text.h5mu');
    writeFileSync(text, 'no HDF5');
    await expect(openH5mu(text)).rejects.toThrow();
  });
});

describe('one AnnData with several modalities', () => {
  const features = new DataFrame(
    ['CD3D', 'chr1:1-9', 'CD8A'],
    [['feature_types', categorical(['Gene Expression', 'Peaks', 'Gene Expression'])]],
  );
  const mixed = new AnnData({ obs: rna.obs, var: features, X: modality(['a', 'b', 'c'], features.index).X });

  it('is split by the type of features', async () => {
    expect(featureTypeColumn(mixed)).toBe('feature_types');
    const parts = splitByFeatureType(mixed, 'feature_types');
    expect([...parts.keys()]).toEqual(['Gene Expression', 'Peaks']);
    const peaks = parts.get('Peaks') as AnnData;
    expect(peaks.var.index).toEqual(['chr1:1-9']);
    expect([...((await peaks.X?.rows(0, 3))?.values ?? [])]).toEqual([2, 12, 22]);
  });

  it('gives a table of obsm as a modality', async () => {
    const table = new DataFrame(rna.obs.index, [
      ['CD3', { kind: 'number', dtype: 'float64', values: Float64Array.of(0, 5, 0) }],
      ['CD8', { kind: 'number', dtype: 'float64', values: Float64Array.of(2, 0, 1) }],
    ]);
    const data = new AnnData({ obs: rna.obs, var: rna.var, X: rna.X, obsm: [['protein_counts', table]] });
    const found = modalityOfObsm(data, 'protein_counts');
    expect(found.var.index).toEqual(['CD3', 'CD8']);
    const rows = await found.X?.rows(0, 3);
    expect([...(rows?.indices ?? [])]).toEqual([1, 0, 1]);
    expect([...(rows?.values ?? [])]).toEqual([2, 5, 1]);
    expect(() => modalityOfObsm(data, 'adt')).toThrow(/no entry 'adt' in obsm.*protein_counts/s);
    const text = new DataFrame(rna.obs.index, [['name', { kind: 'string', values: ['x', 'y', 'z'] }]]);
    const wrong = new AnnData({ obs: rna.obs, var: rna.var, X: rna.X, obsm: [['adt', text]] });
    expect(() => modalityOfObsm(wrong, 'adt')).toThrow(InputError);
  });
});
