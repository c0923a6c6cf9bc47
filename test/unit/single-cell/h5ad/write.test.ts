/** @file What is written reads back the same: whole files, and results added to copies. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Additions } from '../../../../src/single-cell/additions.ts';
import type { AnnData } from '../../../../src/single-cell/anndata.ts';
import { categorical } from '../../../../src/single-cell/data-frame.ts';
import { appendToH5ad } from '../../../../src/single-cell/h5ad/append.ts';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import { writeResults } from '../../../../src/single-cell/h5ad/results.ts';
import { writeH5ad } from '../../../../src/single-cell/h5ad/write.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { cases, contentOf, expectedContent, fixtures } from './content.ts';

const tooLargeInteger = 'good/csr_i64_beyond_2p53.h5ad';
const inTensors = 'good/mid_csr_gzip_small_chunks.h5ad';
const good = Object.keys(cases.good_files).filter(
  (file) => file.endsWith('.h5ad') && file !== tooLargeInteger,
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'h5ad-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Content = Awaited<ReturnType<typeof contentOf>>;

async function read(path: string): Promise<Content> {
  const data = await openH5ad(path);
  const content = await contentOf(data);
  await data.close();
  return content;
}

function sourceContent(file: string): Promise<Content> | Content {
  return file === inTensors ? read(fixtures + file) : expectedContent(file);
}

/** Results of every kind for so many cells. */
function results(cells: number, genes: number): Additions {
  const rows = Array.from({ length: cells }, (_, row) => row);
  return {
    obs: [
      ['scgpt_label', categorical(rows.map((row) => (row % 3 === 0 ? null : `type ${row % 3}`)))],
      [
        'scgpt_confidence',
        { kind: 'number', dtype: 'float32', values: Float32Array.from(rows, (row) => row / 7) },
      ],
      ['scgpt_assigned', { kind: 'boolean', values: Uint8Array.from(rows, (row) => row % 2) }],
    ],
    obsm: [
      [
        'X_scGPT',
        {
          kind: 'dense',
          dtype: 'float32',
          shape: [cells, 3],
          values: Float32Array.from({ length: 3 * cells }, Math.sin),
        },
      ],
    ],
    varm: [
      [
        'X_scGPT',
        { kind: 'dense', dtype: 'float64', shape: [genes, 2], values: new Float64Array(2 * genes).fill(0.1) },
      ],
    ],
    uns: new Map([
      [
        'scgpt',
        new Map<string, string | number | boolean>([
          ['model', 'ünï'],
          ['seed', 3],
          ['rate', 0.5],
          ['whole', true],
        ]),
      ],
    ]),
  };
}

/** What the results look like when they are read. */
async function withResults(content: Content, additions: Additions, data: AnnData): Promise<Content> {
  const { AnnData } = await import('../../../../src/single-cell/anndata.ts');
  const { DataFrame } = await import('../../../../src/single-cell/data-frame.ts');
  const own = await contentOf(
    new AnnData({
      obs: new DataFrame(data.obs.index, [...(additions.obs ?? [])]),
      var: new DataFrame(data.var.index),
      obsm: [...(additions.obsm ?? [])],
      varm: [...(additions.varm ?? [])],
      uns: [...(additions.uns ?? [])],
    }),
  );
  const merged = structuredClone(content) as Record<string, Record<string, never>>;
  const added = own as unknown as Record<string, Record<string, never>>;
  for (const group of ['obsm', 'varm', 'uns']) Object.assign(merged[group], added[group]);
  Object.assign(merged.obs.columns, added.obs.columns);
  merged.obs.column_order = [
    ...new Set([...(merged.obs.column_order as string[]), ...(added.obs.column_order as string[])]),
  ] as never;
  return merged;
}

describe('writeH5ad', () => {
  it.each(good)('writes %s so that it reads back the same', async (file) => {
    const path = join(folder, 'whole.h5ad');
    const logger = new RecordingLogger();
    const data = await openH5ad(fixtures + file);
    await writeH5ad(data, path, { force: true, logger });
    await data.close();
    const expected = structuredClone(await sourceContent(file)) as Record<string, never>;
    if (file === 'good/string_columns.h5ad') becomesCategorical(expected, 'Str');
    expect(await read(path)).toEqual(expected);
    expect(logger.warnings).toEqual([]);
  });

  it('writes columns with slashes in their names, as anndata does', async () => {
    const path = join(folder, 'slashes.h5ad');
    const data = await openH5ad(`${fixtures}good/csr_f32_gzip.h5ad`);
    const ratio = {
      kind: 'number',
      dtype: 'float32',
      values: Float32Array.from({ length: 12 }, Math.sqrt),
    } as const;
    for (const name of ['CD4/CD8', 'CD4/CD19/x']) data.obs.columns.set(name, ratio);
    await writeH5ad(data, path);
    await data.close();
    const again = await openH5ad(path);
    expect([...again.obs.columns.keys()]).toEqual(['CD4/CD8', 'CD4/CD19/x']);
    expect(again.obs.column('CD4/CD8')).toEqual(ratio);
    const replaced = join(folder, 'slashes-replaced.h5ad');
    const truth = { kind: 'boolean', values: new Uint8Array(12) } as const;
    await writeResults(again, { obs: [['CD4/CD8', truth]] }, replaced);
    await again.close();
    expect((await read(replaced)).obs).toMatchObject({
      columns: { 'CD4/CD8': { kind: 'bool' }, 'CD4/CD19/x': {} },
    });
  });

  it('writes without compression', async () => {
    const path = join(folder, 'plain.h5ad');
    const data = await openH5ad(fixtures + inTensors);
    await writeH5ad(data, path, { compression: 'none' });
    await data.close();
    expect(await read(path)).toEqual(await read(fixtures + inTensors));
  });
});

/** Text with missing values is written as anndata does it. */
function becomesCategorical(content: Record<string, never>, name: string): void {
  const { columns } = content.obs as { columns: Record<string, unknown> };
  columns[name] = {
    kind: 'categorical',
    ordered: false,
    categories: ['s', 't'],
    codes: [0, -1, 1, 0, -1, 1, 0, -1, 1, 0, -1, 1],
  };
}

describe('writeResults', () => {
  it.each(good)('adds results to %s', async (file) => {
    const path = join(folder, 'results.h5ad');
    const data = await openH5ad(fixtures + file);
    const additions = results(data.nObs, data.nVars);
    await writeResults(data, additions, path, { force: true });
    const expected = await withResults(await sourceContent(file), additions, data);
    await data.close();
    expect(await read(path)).toEqual(expected);
  });

  it.each(good)('replaces results in %s', async (file) => {
    const [first, second] = [join(folder, 'first.h5ad'), join(folder, 'second.h5ad')];
    const data = await openH5ad(fixtures + file);
    await writeResults(data, results(data.nObs, data.nVars), first, { force: true });
    const before = await openH5ad(first);
    const additions: Additions = {
      obs: [['scgpt_label', { kind: 'boolean', values: new Uint8Array(data.nObs).fill(1) }]],
      obsm: [
        [
          'X_scGPT',
          { kind: 'dense', dtype: 'float64', shape: [data.nObs, 1], values: new Float64Array(data.nObs) },
        ],
      ],
      uns: [['scgpt', new Map([['seed', 4]])]],
    };
    await writeResults(before, additions, second, { force: true });
    const expected = await withResults(await contentOf(before), additions, data);
    await data.close();
    await before.close();
    expect(await read(second)).toEqual(expected);
  });

  it('leaves the source untouched, also when it is written over', async () => {
    const path = join(folder, 'own.h5ad');
    const source = `${fixtures}good/obs_columns.h5ad`;
    const bytes = await readFile(source);
    const data = await openH5ad(source);
    await writeResults(data, results(12, 8), path, { force: true });
    await data.close();
    expect(await readFile(source)).toEqual(bytes);
    const again = await openH5ad(path);
    await writeResults(again, { uns: [['more', 1]] }, path, { force: true });
    await again.close();
    expect((await read(path)).uns).toHaveProperty('more');
  });

  it('writes what was changed in memory', async () => {
    const path = join(folder, 'changed.h5ad');
    const data = await openH5ad(`${fixtures}good/uns_nested.h5ad`);
    (data.uns.get('nested') as Map<string, string>).set('new', 'entry');
    data.obs.columns.set('added', { kind: 'string', values: data.obs.index });
    await writeResults(data, {}, path, { force: true });
    const expected = await contentOf(data);
    await data.close();
    expect(await read(path)).toEqual(expected);
    expect((await read(path)).uns).toMatchObject({ nested: { items: { new: { value: 'entry' } } } });
  });

  it('keeps a layer lazy until it is written', async () => {
    const path = join(folder, 'layer.h5ad');
    const data = await openH5ad(`${fixtures}good/csr_f32_gzip.h5ad`);
    await appendToH5ad(data.source!, path, { layers: [['counts', data.X!]] }, { force: true });
    await data.close();
    const content = await read(path);
    expect(content.layers).toEqual({ counts: content.X });
  });

  it('adds nothing to a copy of an older layout', async () => {
    const source = `${fixtures}good/anndata07_dense.h5ad`;
    await expect(appendToH5ad(source, join(folder, 'old.h5ad'), {})).rejects.toThrow(
      /older than anndata 0\.8/,
    );
  });
});
