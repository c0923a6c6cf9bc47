/** @file anndata itself reads the Zarr stores that we write, and we read those it writes. Needs a Python with zarr 3. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openH5ad } from '../../../src/single-cell/h5ad/node.ts';
import { openZarr } from '../../../src/single-cell/zarr/open.ts';
import { writeZarr } from '../../../src/single-cell/zarr/write.ts';
import { contentOf, fixtures } from '../../unit/single-cell/h5ad/content.ts';

const python = process.env.SCGPT_PYTHON;
const hasZarr = python !== undefined && spawnSync(python, ['-c', 'import anndata, zarr.codecs']).status === 0;

const scratch = mkdtempSync(join(tmpdir(), 'scgpt-zarr-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

beforeEach((test) => {
  if (!hasZarr) {
    const reason =
      python === undefined
        ? 'SCGPT_PYTHON names no Python with anndata and zarr 3'
        : `${python} has no anndata with zarr 3`;
    console.log(`skipped: ${reason}`);
    test.skip(reason);
  }
});

function run(code: string, ...paths: string[]): string {
  const { status, stdout, stderr } = spawnSync(python!, ['-W', 'ignore', '-c', code, ...paths], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Compares what anndata reads of each h5ad file and of our stores made from it, element by element. */
const compare = `
import json, sys, anndata, numpy as np, pandas as pd, scipy.sparse as sp, zarr
def same(a, b, where):
    if isinstance(a, dict) or hasattr(a, "keys") and not isinstance(a, pd.DataFrame):
        assert sorted(a) == sorted(b), (where, sorted(a), sorted(b))
        for key in a: same(a[key], b[key], where + "/" + key)
    elif isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_exact=True, obj=where)
    elif sp.issparse(a):
        assert (type(a), a.dtype, a.shape) == (type(b), b.dtype, b.shape), (where, a, b)
        assert a.nnz == b.nnz and (a != b).nnz == 0, where
    elif isinstance(a, pd.Categorical):
        pd.testing.assert_extension_array_equal(a, b)
    elif isinstance(a, np.ndarray) and a.dtype.names:
        assert a.dtype.names == b.dtype.names and a.tolist() == b.tolist(), (where, a, b)
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype or a.dtype.kind in "OUT", (where, a.dtype, b.dtype)
        np.testing.assert_array_equal(a, b, where)
    else:
        assert type(a) is type(b) and (a == b or a != a), (where, a, b)
def compare(source, path):
    theirs, ours = anndata.read_h5ad(source), anndata.read_zarr(path)
    for part in ["X", "obs", "var", "layers", "obsm", "varm", "obsp", "varp", "uns"]:
        same(getattr(theirs, part), getattr(ours, part), part)
    assert (theirs.raw is None) == (ours.raw is None)
    if theirs.raw is not None:
        for part in ["X", "var", "varm"]: same(getattr(theirs.raw, part), getattr(ours.raw, part), "raw/" + part)
    assert zarr.open_consolidated(path).attrs["encoding-type"] == "anndata"
    return zarr.open_group(path, mode="r").metadata.zarr_format
def outcome(source, path):
    try: return compare(source, path)
    except Exception as error: return repr(error)
print(json.dumps([[outcome(source, path) for path in paths] for source, *paths in json.loads(sys.argv[1])]))
`;

const files = [
  'anndata08_csr_gzip',
  'csc_f32_lzf',
  'csr_empty',
  'csr_i64',
  'dense_f16',
  'dense_bool',
  'layers',
  'no_cells',
  'no_genes',
  'obs_columns',
  'obsm_varm_obsp',
  'raw_more_genes',
  'unicode_names',
  'index_named_other',
  'uns_nested',
  'x_missing_layers_present',
];

describe('a written Zarr store', () => {
  it('is to anndata what the h5ad file is that it was made from', async () => {
    const tasks = [];
    for (const name of files) {
      const source = `${fixtures}good/${name}.h5ad`;
      const data = await openH5ad(source);
      const paths = [join(scratch, `${name}.v2.zarr`), join(scratch, `${name}.v3.zarr`)];
      await writeZarr(data, paths[0]);
      await writeZarr(data, paths[1], { version: 3 });
      await data.close();
      tasks.push([source, ...paths]);
    }
    const outcomes: unknown[] = JSON.parse(run(compare, JSON.stringify(tasks)));
    expect(files.map((name, i) => [name, outcomes[i]])).toEqual(files.map((name) => [name, [2, 3]]));
  });
});

/** Writes one h5ad file, and the same as Zarr in each of many ways of storing it. */
const variants = `
import sys, json, numpy as np, pandas as pd, scipy.sparse as sp, anndata, zarr, numcodecs
from anndata.experimental import write_dispatched
from anndata.io import write_elem
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec
folder = sys.argv[1]
rng = np.random.default_rng(0)
X = sp.random(40, 30, 0.3, format="csr", dtype="f4", random_state=1)
obs = pd.DataFrame({
    "pct#1 %": rng.normal(size=40), "half": rng.normal(size=40).astype("f2"), "big": np.arange(40, dtype=">i4"),
    "flag": rng.random(40) > 0.5, "kind": pd.Categorical(["a", "b"] * 20), "zeros": np.zeros(40, "i8"),
}, index=[f"cell {i} ß" for i in range(40)])
data = anndata.AnnData(X, obs=obs, layers={"csc": X.tocsc(), "dense": X.toarray(), "fortran": np.asfortranarray(X.toarray())})
data.obsm["half"] = rng.normal(size=(40, 3)).astype("f2")
data.uns["records"] = np.array([("geneA", 1.5, 2), ("ü", 2.5, 3)], dtype=[("name", "U5"), ("score", "f4"), ("n", "i8")])
data.write_h5ad(folder + "/data.h5ad")
v2 = dict(gzip=numcodecs.GZip(5), zlib=numcodecs.Zlib(5), lz4=numcodecs.LZ4(), zstd=numcodecs.Zstd(3), none=None,
    blosc=numcodecs.Blosc("zstd", 5, numcodecs.Blosc.BITSHUFFLE))
v3 = dict(gzip=[GzipCodec()], zstd=[ZstdCodec()], blosc=[BloscCodec(cname="lz4", typesize=4)], none=[])
paths = []
def write(name, version, **options):
    path = f"{folder}/{name}.v{version}.zarr"
    def callback(write_func, store, key, elem, dataset_kwargs, iospec):
        kwargs, shape = dict(options), getattr(elem, "shape", ())
        if iospec.encoding_type in ("csr_matrix", "csc_matrix"): kwargs.update(chunks=(7,))
        elif iospec.encoding_type == "array" and shape and all(shape): kwargs.update(chunks=tuple(min(7, n) for n in shape))
        write_func(store, key, elem, dataset_kwargs={**dataset_kwargs, **kwargs})
    group = zarr.open_group(path, mode="w", zarr_format=version)
    write_dispatched(group, "/", data, callback)
    paths.append(path)
for name, compressor in v2.items(): write(name, 2, compressors=compressor)
for name, compressors in v3.items(): write(name, 3, compressors=compressors)
for version in (2, 3):
    path = f"{folder}/layout{version}.zarr"
    group = zarr.open_group(path, mode="w", zarr_format=version)
    write_elem(group, "/", data)
    del group["layers/fortran"]
    if version == 3:
        array = group.create_array("layers/fortran", shape=(40, 30), chunks=(10, 15), shards=(20, 30), dtype="f4",
            filters=[], compressors=[BloscCodec(cname="lz4", typesize=4)])
    else:
        array = group.create_array("layers/fortran", shape=(40, 30), chunks=(7, 9), dtype=">f4", order="F")
    array[...] = data.layers["fortran"]
    array.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    paths.append(path)
print(json.dumps(paths))
`;

describe('a store that anndata wrote', () => {
  it('reads as the h5ad file does, however it is compressed, cut into chunks and laid out', async () => {
    const paths: string[] = JSON.parse(run(variants, scratch));
    expect(paths).toHaveLength(12);
    const data = await openH5ad(join(scratch, 'data.h5ad'));
    const expected = await contentOf(data);
    await data.close();
    for (const path of paths) {
      const found = await openZarr(path);
      expect({ path, ...(await contentOf(found)) }).toEqual({ path, ...expected });
      await found.close();
    }
  });
});
