/** @file Every good Zarr store of the fixtures reads exactly as expected; every bad one says what is wrong. */

import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnnData } from '../../../../src/single-cell/anndata.ts';
import { openZarr } from '../../../../src/single-cell/zarr/open.ts';
import { InputError } from '../../../../src/support/errors.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { cases, contentOf, expectedContent, fixtures } from '../h5ad/content.ts';

const good = Object.keys(cases.good_files).filter((file) => /zarr/.test(file));
const bad = Object.keys(cases.bad_files).filter((file) => /zarr|zip_/.test(file));

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'scgpt-zarr-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

let copies = 0;

/** A copy of a good store to be damaged. */
async function copyOf(name: string): Promise<string> {
  const path = join(scratch, `${copies++}.zarr`);
  await cp(`${fixtures}good/${name}`, path, { recursive: true, mode: 0 });
  return path;
}

async function everything(path: string): Promise<Record<string, unknown>> {
  const data = await openZarr(path);
  try {
    return await contentOf(data);
  } finally {
    await data.close();
  }
}

async function failure(run: () => Promise<unknown>): Promise<InputError> {
  const error = await run().then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

describe('openZarr', () => {
  it('has stores to read', () => expect([good.length, bad.length]).toEqual([8, 3]));

  it.each(good)('reads %s', async (file) => {
    expect(await everything(fixtures + file)).toEqual(expectedContent(file));
  });

  it.each(bad)('says what is wrong with %s', async (file) => {
    const error = await failure(() => everything(fixtures + file));
    const { code, must_mention: words } = cases.bad_files[file];
    expect(error.reason).toBe(code);
    expect(error.message).toContain(file);
    for (const word of words.flatMap((phrase) => phrase.split(' or '))) expect(error.message).toContain(word);
  });

  it('says that nothing is there', async () => {
    expect((await failure(() => openZarr(join(scratch, 'nothing.zarr')))).reason).toBe('missing_file');
  });

  it.each(['X/indices', 'X/indptr', 'obs/_index'])(
    'does not make zeros of a lost chunk of %s',
    async (array) => {
      const path = await copyOf('zarr_v3.zarr');
      await rm(join(path, array, 'c'), { recursive: true });
      const error = await failure(() => everything(path));
      expect(error.reason).toBe('missing_chunk');
      expect(error.message).toContain(`${array}: chunk 0 is missing`);
    },
  );

  it('reads what writers leave out as the fill value, and says so of matrices', async () => {
    const path = await copyOf('zarr_v2.zarr');
    await rm(join(path, 'layers/dense/0.0'));
    await rm(join(path, 'obs/Int/mask/0'));
    const logger = new RecordingLogger();
    const data = await openZarr(path, { logger });
    expect((await data.layers.get('dense')!.rows(0, 12)).indices).toHaveLength(0);
    expect(data.obs.columns.get('Int')).toMatchObject({ missing: new Uint8Array(12) });
    expect(logger.warnings.join()).toMatch(/layers\/dense: chunk 0\.0 is not stored; .* fill value 0/);
    expect(logger.warnings).toHaveLength(1);
    await data.close();
  });

  it.each(['zarr_v2.zarr/X/data/0', 'zarr_v3.zarr/obs/_index/c/0', 'zarr_v3_uncompressed.zarr/X/data/c/0'])(
    'names a chunk that is cut off: %s',
    async (file) => {
      const [store, ...key] = file.split('/');
      const path = await copyOf(store);
      await truncate(join(path, ...key), 20);
      const error = await failure(() => everything(path));
      expect(error.message).toContain(`${key.slice(0, 2).join('/')}: chunk 0 cannot be read`);
    },
  );

  it('names a codec it does not know', async () => {
    const path = await copyOf('zarr_v2.zarr');
    const file = join(path, 'X/data/.zarray');
    const metadata = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...metadata, compressor: { id: 'lzma' } }));
    const error = await failure(() => everything(path));
    expect(error.reason).toBe('unknown_codec');
    expect(error.message).toMatch(/X\/data.*lzma/);
  });

  it('names metadata that are no JSON', async () => {
    const path = await copyOf('zarr_v3.zarr');
    await writeFile(join(path, 'obs/zarr.json'), '{"zarr_format": 3,');
    expect((await failure(() => everything(path))).message).toContain(
      'obs/zarr.json: these metadata are no JSON',
    );
  });

  it('says that a store was closed before its rows were read', async () => {
    const data: AnnData = await openZarr(`${fixtures}good/zarr_v2.zip`);
    await data.close();
    expect((await failure(() => data.X!.rows(0, 1))).reason).toBe('closed');
  });
});

describe('zip archives', () => {
  const archive = async (entries: Record<string, Uint8Array>, end?: number): Promise<string> => {
    const path = join(scratch, `${copies++}.zip`);
    await writeFile(path, zipSync(entries).subarray(0, end));
    return path;
  };
  const group = new TextEncoder().encode('{"zarr_format": 2}');

  it('names one that ends early', async () => {
    expect((await failure(async () => openZarr(await archive({ '.zgroup': group }, -30)))).message).toContain(
      'no directory, as after an incomplete download',
    );
  });

  it('does not choose among several stores', async () => {
    const path = await archive({ 'a.zarr/.zgroup': group, 'b.zarr/.zgroup': group });
    expect((await failure(() => openZarr(path))).message).toContain('several Zarr stores: a.zarr/, b.zarr/');
  });

  it('overlooks what macOS adds', async () => {
    const path = await archive({ 'a.zarr/.zgroup': group, '__MACOSX/._zarr.json': group });
    expect((await failure(() => openZarr(path))).reason).toBe('missing_obs');
  });

  it('notices a damaged entry', async () => {
    const whole = await readFile(`${fixtures}good/zarr_v2_nested_folder.zip`);
    const at = whole.indexOf('my_data.zarr/X/.zattrs') + 'my_data.zarr/X/.zattrs'.length;
    whole.fill(0xff, at, at + 8);
    const path = join(scratch, 'damaged.zip');
    await writeFile(path, whole);
    expect((await failure(() => openZarr(path))).reason).toBe('damaged');
  });
});
