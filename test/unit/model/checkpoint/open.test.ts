/** @file Every readable checkpoint of the fixtures is read exactly; every broken or hostile one is refused as required. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/model/checkpoint/byte-source.ts';
import { loadParameters } from '../../../../src/model/checkpoint/load.ts';
import { officialName, wrapperPrefix } from '../../../../src/model/checkpoint/names.ts';
import { fileSource } from '../../../../src/model/checkpoint/node-source.ts';
import { openCheckpoint } from '../../../../src/model/checkpoint/open.ts';
import { configFromOfficial } from '../../../../src/model/official-arguments.ts';
import { type ExpectedParameters, expectedParameters } from '../../../../src/model/parameters.ts';
import { CheckpointError } from '../../../../src/support/errors.ts';
import type { StateDict } from '../../../../src/support/tensor.ts';
import { fixtureJson, fixturePath, fixtureTensors } from '../fixture.ts';

interface Case {
  readonly model: { readonly config: Record<string, unknown> & { readonly ntoken: number } };
  readonly files: readonly { readonly file: string; readonly reader_must: string }[];
}

const about = fixtureJson<Case>('checkpoints/case.json');
const expected: ExpectedParameters = expectedParameters(
  configFromOfficial(about.model.config, about.model.config.ntoken, 'case.json', 'pretraining'),
);
const stored = (prefix: string): StateDict => fixtureTensors('checkpoints/tensors.safetensors', prefix);
const weights = stored('weights/');

async function read(name: string): Promise<StateDict> {
  const opened = await openCheckpoint(await fileSource(fixturePath(`checkpoints/${name}`)));
  return opened.read();
}

/** Values by official name, floats as numbers. */
function plain(state: StateDict): Record<string, { shape: readonly number[]; values: unknown[] }> {
  return Object.fromEntries(
    [...state].map(([name, { shape, data }]) => [
      name,
      { shape, values: Array.from<unknown>(data as never) },
    ]),
  );
}

const readable = about.files.filter(({ file }) => !file.startsWith('bad/')).map(({ file }) => file);
const refused = about.files.filter(({ file }) => file.startsWith('bad/')).map(({ file }) => file);

describe('readable checkpoints', () => {
  const otherValues: Record<string, string> = {
    'good/fp16.pt': 'weights_fp16/',
    'good/model-fp16.safetensors': 'weights_fp16/',
    'good/bf16.pt': 'weights_bf16/',
  };

  it('are all tried', () => expect(readable).toHaveLength(21));

  for (const file of readable.filter((name) => name !== 'good/fine-tuned.pt')) {
    it(`reads ${file} exactly`, async () => {
      const { parameters, report } = loadParameters(expected, await read(file));
      const values = file in otherValues ? stored(otherValues[file]) : weights;
      expect(plain(parameters)).toEqual(plain(values));
      expect([...parameters.values()].every(({ dtype }) => dtype === 'float32')).toBe(true);
      expect(report).toMatchObject({ unused: [], missing: [], wrongShape: [], notFinite: [] });
      expect(report.loaded).toHaveLength(55);
    });
  }

  it('reads good/fine-tuned.pt exactly, buffers and heads included', async () => {
    const state = await read('good/fine-tuned.pt');
    const prefix = wrapperPrefix(state.keys());
    const official = (found: StateDict): StateDict =>
      new Map([...found].map(([name, tensor]) => [officialName(name, prefix), tensor]));
    expect(plain(official(state))).toEqual(plain(official(stored('weights_fine_tuned/'))));
    expect(state.get('dsbn.bns.0.num_batches_tracked')).toMatchObject({ dtype: 'int64', shape: [] });
  });

  it('reports what of good/fine-tuned.pt does not fit an embedding model', async () => {
    const { report } = loadParameters(expected, await read('good/fine-tuned.pt'));
    expect(report.wrongShape).toEqual([
      { name: 'decoder.fc.0.weight', expected: [32, 32], found: [32, 64] },
      { name: 'mvc_decoder.W.weight', expected: [32, 32], found: [64, 32] },
    ]);
    expect(report.missing).toEqual(['flag_encoder.weight']);
    const modules = new Set(
      report.unused.map((name) => name.replace(/^(\w+\.(zero_logit|W_zero_logit)|\w+)\..*/, '$1')),
    );
    expect([...modules].sort()).toEqual([
      'batch_encoder',
      'cls_decoder',
      'decoder.zero_logit',
      'dsbn',
      'grad_reverse_discriminator',
      'mvc_decoder.W_zero_logit',
    ]);
  });
});

describe('broken and hostile checkpoints', () => {
  const messages: Record<string, RegExp> = {
    'bad/truncated.pt': /not a complete zip archive/,
    'bad/truncated-tail.pt': /directory at its end is missing/,
    'bad/truncated-legacy.pt': /storage data end early/,
    'bad/empty.pt': /is empty/,
    'bad/text.pt': /web page/,
    'bad/os-system.pt': /posix\.system.*nothing was executed/,
    'bad/os-system-legacy.pt': /posix\.system.*nothing was executed/,
    'bad/os-system.pkl': /posix\.system.*nothing was executed/,
    'bad/eval.pt': /__builtin__\.eval/,
    'bad/wrong-shapes.pt':
      /encoder\.embedding\.weight \(59 x 32 instead of 60 x 32\), transformer_encoder\.layers\.1\.linear1\.weight \(25 x 32 instead of 24 x 32\)/,
    'bad/missing-attention.pt': /12 tensors missing: transformer_encoder\.layers\.0\.self_attn\.Wqkv\.weight/,
    'bad/missing-layer.pt': /12 tensors missing: transformer_encoder\.layers\.2\./,
    'bad/nan-weights.pt':
      /encoder\.enc_norm\.weight \(1 infinite\), transformer_encoder\.layers\.1\.linear2\.weight \(1 NaN\)/,
    'bad/bare-tensor.pt': /one tensor, not a dictionary of tensors/,
    'bad/missing-storage.pt': /storage 3, .* is missing/,
    'bad/short-storage.pt': /storage 0, .* shorter than declared/,
    'bad/view-beyond-storage.pt': /encoder\.enc_norm\.bias \(96 values\) reaches beyond its storage \(32\)/,
    'bad/flipped-byte.pt': /CRC-32\) of storage 0 \(encoder\.embedding\.weight\) does not match/,
    'bad/header-too-long.safetensors': /header length \d+ exceeds the file/,
    'bad/overlapping.safetensors': /overlap/,
    'bad/truncated.safetensors': /data end early/,
  };

  it('are all tried', () => expect(Object.keys(messages).sort()).toEqual([...refused].sort()));

  for (const [file, message] of Object.entries(messages)) {
    it(`refuses ${file}`, async () => {
      const refusal = read(file).then((state) => loadParameters(expected, state, { where: file }));
      await expect(refusal).rejects.toThrow(CheckpointError);
      await expect(refusal).rejects.toThrow(message);
      await expect(refusal).rejects.toThrow(file);
    });
  }

  it('lists every missing attention tensor', async () => {
    const state = await read('bad/missing-attention.pt');
    let message = '';
    try {
      loadParameters(expected, state);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.match(/self_attn/g)).toHaveLength(12);
  });

  it('loads the rest on request, and lists what it left out', async () => {
    const { parameters, report } = loadParameters(expected, await read('bad/wrong-shapes.pt'), {
      allowPartial: true,
    });
    expect(parameters.size).toBe(53);
    expect(report.wrongShape.map(({ name }) => name)).toEqual([
      'encoder.embedding.weight',
      'transformer_encoder.layers.1.linear1.weight',
    ]);
  });

  it('names what a download left instead of the file', async () => {
    const open = (text: string) =>
      openCheckpoint(bytesSource(new TextEncoder().encode(text), 'best_model.pt'));
    await expect(open('version https://git-lfs.github.com/spec/v1\noid sha256:0\n')).rejects.toThrow(/LFS/);
    await expect(open('<!DOCTYPE html><html>Google Drive</html>')).rejects.toThrow(/web page/);
    await expect(open('hello')).rejects.toThrow(/no checkpoint/);
  });

  it('refuses every file cut at any of many places', async () => {
    for (const file of ['good/official.pt', 'good/legacy.pt', 'good/model.safetensors']) {
      const bytes = readFileSync(fixturePath(`checkpoints/${file}`));
      for (let length = 0; length < bytes.length; length += 1999) {
        const cut = openCheckpoint(bytesSource(bytes.subarray(0, length), file)).then((opened) =>
          opened.read(),
        );
        await expect(cut, `${file} cut to ${length} bytes`).rejects.toThrow(CheckpointError);
      }
    }
  });
});
