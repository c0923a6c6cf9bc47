/** @file torch itself reads what we write, with weights_only, and finds the same bits. Needs a Python with torch. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../../src/model/checkpoint/safetensors.ts';
import { encodeTorch } from '../../../src/model/checkpoint/torch-writer.ts';
import type { StateDict } from '../../../src/support/tensor.ts';

const python = process.env.SCGPT_PYTHON ?? 'python3';
const has = (module: string): boolean => spawnSync(python, ['-c', `import ${module}`]).status === 0;
const hasTorch = has('torch');
const hasSafetensors = hasTorch && has('safetensors.torch');

const scratch = mkdtempSync(join(tmpdir(), 'scgpt-torch-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const state: StateDict = new Map([
  [
    'encoder.embedding.weight',
    { dtype: 'float32', shape: [3, 2], data: new Float32Array([1, -2, 3.5, 1e-30, -0, 6]) },
  ],
  ['half', { dtype: 'float16', shape: [2, 1, 2], data: new Uint16Array([0x3c00, 0xc000, 1, 0x7bff]) }],
  ['brain', { dtype: 'bfloat16', shape: [2], data: new Uint16Array([0x3f80, 0xc049]) }],
  ['double', { dtype: 'float64', shape: [1], data: new Float64Array([Math.PI]) }],
  ['steps', { dtype: 'int64', shape: [], data: new BigInt64Array([-(2n ** 40n)]) }],
  ['int32', { dtype: 'int32', shape: [2], data: new Int32Array([-1, 2 ** 30]) }],
  ['int16', { dtype: 'int16', shape: [1], data: new Int16Array([-300]) }],
  ['int8', { dtype: 'int8', shape: [1], data: new Int8Array([-3]) }],
  ['uint8', { dtype: 'uint8', shape: [1], data: new Uint8Array([200]) }],
  ['bool', { dtype: 'bool', shape: [2], data: new Uint8Array([1, 0]) }],
  ['empty', { dtype: 'float32', shape: [0, 4], data: new Float32Array(0) }],
  ['naïve name', { dtype: 'float32', shape: [1], data: new Float32Array([7]) }],
]);

/** What Python finds: name, dtype, shape, contiguity and the bytes of each tensor. */
const listing = `
import json, sys, torch
def listed(state):
    return [[name, str(t.dtype).replace("torch.", ""), list(t.shape), t.is_contiguous(),
             list(t.contiguous().view(torch.uint8).flatten().tolist()) if t.numel() and t.dim() else list(bytes(t.numpy().tobytes()))]
            for name, t in state.items()]
`;

function fromPython(code: string, path: string): unknown {
  const { status, stdout, stderr } = spawnSync(python, ['-c', listing + code, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function listed(found: StateDict): unknown[] {
  return [...found].map(([name, { dtype, shape, data }]) => [
    name,
    dtype,
    [...shape],
    true,
    Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

describe('a written .pt file', () => {
  beforeEach((test) => {
    if (!hasTorch) test.skip(`${python} has no torch; name a Python that has it in SCGPT_PYTHON`);
  });

  it('is read by torch.load(weights_only=True), every type bit for bit', () => {
    const path = join(scratch, 'model.pt');
    writeFileSync(path, Buffer.concat(encodeTorch(state, 'model')));
    const code = `
state = torch.load(sys.argv[1], weights_only=True)
print(json.dumps([type(state).__name__, listed(state)]))
`;
    expect(fromPython(code, path)).toEqual(['OrderedDict', listed(state)]);
  });

  it('can be mapped into memory, which wants aligned storages', () => {
    const path = join(scratch, 'mapped.pt');
    writeFileSync(path, Buffer.concat(encodeTorch(state, 'mapped')));
    const code = `
state = torch.load(sys.argv[1], weights_only=True, mmap=True)
print(json.dumps([listed(state), all(t.data_ptr() % 64 == 0 for t in state.values() if t.numel())]))
`;
    expect(fromPython(code, path)).toEqual([listed(state), true]);
  });
});

describe('a written .safetensors file', () => {
  beforeEach((test) => {
    if (!hasSafetensors)
      test.skip(`${python} has no torch and safetensors; name one that has in SCGPT_PYTHON`);
  });

  it('is read by the safetensors package, every type bit for bit', () => {
    const path = join(scratch, 'model.safetensors');
    writeFileSync(path, Buffer.concat(encodeSafetensors(state, { format: 'pt' })));
    const code = `
from safetensors.torch import load_file
print(json.dumps(sorted(listed(load_file(sys.argv[1])))))
`;
    const byName = listed(state).sort((a, b) => ((a as string[])[0] < (b as string[])[0] ? -1 : 1));
    expect(fromPython(code, path)).toEqual(byName);
  });
});
