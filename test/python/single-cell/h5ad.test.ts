/**
 * @file anndata itself reads the h5ad files that we write, and we those it writes. Runs under Debian's python3 with
 * anndata 0.8, and under the Python that SCGPT_PYTHON names.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { categorical } from '../../../src/single-cell/data-frame.ts';
import { openH5ad } from '../../../src/single-cell/h5ad/node.ts';
import { writeResults } from '../../../src/single-cell/h5ad/results.ts';
import { writeH5ad } from '../../../src/single-cell/h5ad/write.ts';
import { cases, fixtures } from '../../unit/single-cell/h5ad/content.ts';

const scratch = mkdtempSync(join(tmpdir(), 'scgpt-h5ad-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Interpreters with the version of their anndata, undefined where there is none. */
const interpreters = [
  '/usr/bin/python3',
  ...(process.env.SCGPT_PYTHON ? [process.env.SCGPT_PYTHON] : []),
].map((python) => {
  const { status, stdout } = spawnSync(
    python,
    ['-W', 'ignore', '-c', 'import anndata; print(anndata.__version__)'],
    {
      encoding: 'utf8',
    },
  );
  return { python, version: status === 0 ? stdout.trim() : undefined };
});

const good = Object.keys(cases.good_files).filter(
  (file) => file.endsWith('.h5ad') && !file.includes('beyond_2p53'),
);

/** What anndata 0.8 lacks: null, nullable text; what no HDF5 without plugins reads: blosc, zstd. */
const newer = ['good/uns_nested.h5ad', 'good/string_columns.h5ad'];
const plugins = ['good/plugin_filter_blosc.h5ad', 'good/plugin_filter_zstd.h5ad'];

const comparison = `
import sys, json, anndata, h5py, numpy as np, pandas as pd, scipy.sparse as sp

def same(a, b, where):
    if isinstance(a, dict) or (hasattr(a, "keys") and not isinstance(a, (pd.DataFrame, h5py.Dataset))):
        assert set(a.keys()) == set(b.keys()), (where, list(a.keys()), list(b.keys()))
        for key in a.keys(): same(a[key], b[key], where + "/" + key)
    elif isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b, check_exact=True, obj=where)
    elif sp.issparse(a):
        assert a.format == b.format and a.dtype == b.dtype and a.shape == b.shape, (where, a, b)
        assert (a != b).nnz == 0, where
    elif isinstance(a, (pd.Categorical, pd.api.extensions.ExtensionArray)):
        pd.testing.assert_extension_array_equal(a, b)
    elif isinstance(a, np.ndarray) and a.dtype.names:
        assert a.dtype.names == b.dtype.names and a.tolist() == b.tolist(), (where, a, b)
    elif isinstance(a, np.ndarray):
        assert a.shape == b.shape and (a.dtype.newbyteorder("=") == b.dtype.newbyteorder("=") or a.dtype.kind in "OUS"), (where, a.dtype, b.dtype)
        np.testing.assert_array_equal(a, b, where)
    elif a is None or b is None:
        assert a is b, where
    else:
        assert a == b or a != a, (where, a, b)

def compare(a, b):
    same(a.X, b.X, "X")
    for part in ("obs", "var"):
        frame = getattr(a, part).copy()
        if STRINGS_BECOME_CATEGORIES:
            for name in frame:
                if frame[name].dtype == object or str(frame[name].dtype).startswith("str"):
                    if frame[name].isna().any(): frame[name] = frame[name].astype(object).astype("category")
        same(frame, getattr(b, part), part)
    for part in ("layers", "obsm", "varm", "obsp", "varp", "uns"):
        same(dict(getattr(a, part)), dict(getattr(b, part)), part)
    assert (a.raw is None) == (b.raw is None)
    if a.raw is not None:
        same(a.raw.X, b.raw.X, "raw/X")
        same(a.raw.var, b.raw.var, "raw/var")
`;

function run(python: string, code: string, argument: unknown): string {
  const { status, stdout, stderr } = spawnSync(
    python,
    ['-W', 'ignore', '-c', code, JSON.stringify(argument)],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

describe.each(interpreters)('$python', ({ python, version }) => {
  beforeEach((test) => {
    if (version === undefined) test.skip(`${python} has no anndata (Debian: python3-anndata)`);
  });

  const old = version?.startsWith('0.8') ?? false;
  const readable = good.filter((file) => !plugins.includes(file) && !(old && newer.includes(file)));

  it('finds the content of every file unchanged when it is written anew', async () => {
    const pairs: string[][] = [];
    for (const file of readable) {
      const path = join(scratch, `whole-${file.slice(5)}`);
      const data = await openH5ad(fixtures + file);
      await writeH5ad(data, path, { force: true });
      await data.close();
      pairs.push([fixtures + file, path]);
    }
    const code = `STRINGS_BECOME_CATEGORIES = True${comparison}
for source, path in json.loads(sys.argv[1]):
    try: compare(anndata.read_h5ad(source), anndata.read_h5ad(path))
    except Exception as error: raise Exception(path) from error
print("done")`;
    expect(run(python, code, pairs)).toBe('done\n');
  });

  it('finds results, and all else as it was, in copies with results', async () => {
    const pairs: string[][] = [];
    for (const file of readable) {
      const path = join(scratch, `results-${file.slice(5)}`);
      const data = await openH5ad(fixtures + file);
      const rows = Array.from({ length: data.nObs }, (_, row) => row);
      await writeResults(
        data,
        {
          obs: [
            ['scgpt_label', categorical(rows.map((row) => (row % 3 === 0 ? null : `type ${row % 3}`)))],
            ['scgpt_assigned', { kind: 'boolean', values: Uint8Array.from(rows, (row) => row % 2) }],
          ],
          obsm: [
            [
              'X_scGPT',
              {
                kind: 'dense',
                dtype: 'float32',
                shape: [data.nObs, 2],
                values: Float32Array.from({ length: 2 * data.nObs }, (_, i) => i),
              },
            ],
          ],
          uns: [
            [
              'scgpt',
              new Map<string, string | number | boolean>([
                ['seed', 3],
                ['share', 0.25],
                ['name', 'ünï'],
                ['whole', true],
              ]),
            ],
          ],
        },
        path,
        { force: true },
      );
      await data.close();
      pairs.push([fixtures + file, path]);
    }
    const code = `STRINGS_BECOME_CATEGORIES = False${comparison}
for source, path in json.loads(sys.argv[1]):
    try:
        a, b = anndata.read_h5ad(source), anndata.read_h5ad(path)
        n = b.n_obs
        labels = b.obs.pop("scgpt_label")
        assert labels.dtype == "category" and [x if isinstance(x, str) else None for x in labels] == [None if i % 3 == 0 else f"type {i % 3}" for i in range(n)]
        assert b.obs["scgpt_assigned"].dtype == bool and (b.obs.pop("scgpt_assigned") == (np.arange(n) % 2 == 1)).all()
        embedding = b.obsm.pop("X_scGPT")
        assert embedding.dtype == np.float32 and (embedding == np.arange(2 * n).reshape(n, 2)).all()
        record = b.uns.pop("scgpt")
        assert record["seed"] == 3 and record["share"] == 0.25 and record["name"] == "ünï" and record["whole"]
        compare(a, b)
    except Exception as error: raise Exception(path) from error
print("done")`;
    expect(run(python, code, pairs)).toBe('done\n');
  });

  it('finds every dataset and attribute of the source in the copy, filters, chunks and bytes alike', async () => {
    const present = good.filter((file) => !/anndata0[67]/.test(file));
    const pairs: string[][] = [];
    for (const file of present) {
      const path = join(scratch, `copy-${file.slice(5)}`);
      const data = await openH5ad(fixtures + file);
      await writeResults(
        data,
        {
          obsm: [
            [
              'X_scGPT',
              { kind: 'dense', dtype: 'float32', shape: [data.nObs, 1], values: new Float32Array(data.nObs) },
            ],
          ],
        },
        path,
        { force: true },
      );
      await data.close();
      pairs.push([fixtures + file, path]);
    }
    const code = `
import sys, json, h5py, numpy as np
def attributes(o): return {k: (v.dtype, v.tolist()) if hasattr(v, "tolist") else v for k, v in o.attrs.items() if not isinstance(v, h5py.Reference)}
def check(name, a, b):
    assert attributes(a) == attributes(b), (name, attributes(a), attributes(b))
    if isinstance(a, h5py.Group): return
    assert (a.dtype, a.shape, a.maxshape, a.chunks, a._filters) == (b.dtype, b.shape, b.maxshape, b.chunks, b._filters), name
    if a.shape is None: return
    assert a.id.get_storage_size() == b.id.get_storage_size(), name
    for i in range(a.id.get_num_chunks() if a.chunks else 0):
        where = a.id.get_chunk_info(i).chunk_offset
        assert a.id.read_direct_chunk(where) == b.id.read_direct_chunk(where), (name, i)
    if not a.chunks and not a.dtype.hasobject: assert a[()].tobytes() == b[()].tobytes(), name
for source, path in json.loads(sys.argv[1]):
    with h5py.File(source, "r") as a, h5py.File(path, "r") as b:
        a.visititems(lambda name, item: check(name, item, b[name]))
        check("/", a, b)
        added = set()
        b.visititems(lambda name, item: added.add(name) if name not in a else None)
        assert added == {"obsm/X_scGPT"} | ({"obsm"} - set(a)), added
print("done")`;
    expect(run(python, code, pairs)).toBe('done\n');
  });

  it('can open our files backed, and write them again', async () => {
    const path = join(scratch, 'again.h5ad');
    const data = await openH5ad(`${fixtures}good/mid_csr_gzip_small_chunks.h5ad`);
    await writeH5ad(data, path, { force: true });
    await data.close();
    const code = `
import sys, json, anndata
path = json.loads(sys.argv[1])
backed = anndata.read_h5ad(path, backed="r")
total = backed.X[10:20].sum()
whole = anndata.read_h5ad(path)
assert total == whole.X[10:20].sum()
whole.write_h5ad(path + ".again")
print(total)`;
    const total = Number(run(python, code, path));
    const again = await openH5ad(`${path}.again`);
    const block = await again.X!.rows(10, 20);
    expect(Array.from<number>(block.values).reduce((sum, value) => sum + value, 0)).toBe(total);
    await again.close();
  });

  it.each(['gzip', 'lzf', null])(
    'writes what we read: many chunks with compression %s',
    async (compression) => {
      const path = join(scratch, `chunks-${compression}.h5ad`);
      const code = `
import sys, json, anndata, numpy as np, scipy.sparse as sp
path, compression = json.loads(sys.argv[1])
draw = np.random.RandomState(0)
X = sp.random(700, 500, 0.2, "csr", np.float32, draw)
dense = np.where(draw.rand(700, 40) < 0.5, 0, draw.randn(700, 40))  # as noisy as data get
data = anndata.AnnData(X, layers={"columns": X.tocsc(), "counts": (X > 0.5).astype(np.int64)}, obsm={"noise": dense})
data.write_h5ad(path, compression=compression)
total = lambda m: [float(x) for x in np.asarray(m.astype(np.float64).sum(1)).ravel()]
print(json.dumps({"X": total(X), "columns": total(X), "counts": total(data.layers["counts"]), "noise": dense.ravel().tolist()}))`;
      const expected = JSON.parse(run(python, code, [path, compression])) as Record<string, number[]>;
      const data = await openH5ad(path);
      for (const [name, matrix] of [['X', data.X!] as const, ...data.layers]) {
        const block = await matrix.rows(0, 700);
        const sums = Array.from({ length: 700 }, (_, row) => {
          let sum = 0;
          for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) sum += block.values[i];
          return sum;
        });
        for (let row = 0; row < 700; row++) expect(sums[row]).toBeCloseTo(expected[name][row], 9);
      }
      const noise = data.obsm.get('noise');
      expect(noise).toMatchObject({ kind: 'dense', dtype: 'float64', shape: [700, 40] });
      expect([...(noise as { values: Float64Array }).values]).toEqual(expected.noise);
      await data.close();
    },
  );
});
