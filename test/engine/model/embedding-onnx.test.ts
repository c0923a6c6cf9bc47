/** @file The exported ONNX file, run by ONNX Runtime on its own, against the reference's numbers. */

import { describe, expect, it } from 'vitest';
import { concatenate } from '../../../src/graph/onnx/protobuf.ts';
import { embeddingOnnx } from '../../../src/model/embedding-onnx.ts';
import { nativeRuntime, needsNativeRuntime } from '../need.ts';
import { readCase } from './fixture.ts';

needsNativeRuntime();

describe('embeddingOnnx', () => {
  it('gives the reference cell embeddings in any batch and length', async () => {
    const fixture = await readCase('encode');
    const file = concatenate(embeddingOnnx(fixture.config, fixture.state));
    if (nativeRuntime === undefined) throw new Error('skipped above');
    const { InferenceSession, Tensor } = nativeRuntime;
    const session = await InferenceSession.create(file);
    expect(session.inputNames).toEqual(['genes', 'values', 'keep']);
    expect(session.outputNames).toEqual(['cell']);

    const [cells, tokens] = fixture.tensor('in/src').shape;
    const genes = Int32Array.from(fixture.tensor('in/src').data as BigInt64Array, Number);
    const values = fixture.tensor('in/values').data as Float32Array;
    const keep = fixture.tensor('valid').data as Uint8Array;
    const run = async (count: number, length: number): Promise<Float32Array> => {
      const shape = [count, length];
      const results = await session.run({
        genes: new Tensor('int32', genes.slice(0, count * length), shape),
        values: new Tensor('float32', values.slice(0, count * length), shape),
        keep: new Tensor('bool', keep.slice(0, count * length), shape),
      });
      return results.cell.data as Float32Array;
    };
    const whole = await run(cells, tokens);
    fixture.check('cell_emb_l2', {
      dtype: 'float32',
      shape: [cells, fixture.config.embeddingSize],
      data: whole,
    });
    const first = await run(1, tokens);
    first.forEach((value, i) => {
      expect(Math.abs(value - whole[i])).toBeLessThan(1e-6);
    });
    await session.release();
  });
});
