/** @file Target profiles: which operators each executor runs fastest, over the plain rules that all of them run. */

import type { Node } from '../graph.ts';
import type { Operation } from '../operation.ts';
import type { Emitter, RuleTable } from './lower.ts';
import { mixtureOf, plain } from './plain.ts';
import { atomicScatter } from './scatter.ts';

/** What a lowered model is for: an ONNX Runtime provider, or `onnx` for a file that any ONNX runtime reads. */
export type Profile = 'cpu' | 'wasm' | 'webgpu' | 'cuda' | 'onnx';

const names = (node: Node, emitter: Emitter): readonly string[] =>
  node.inputs.map((input) => emitter.name(input));

/** Products whose transpositions and factor cost nothing. */
const fusedMatmul: Pick<RuleTable, 'matmul' | 'mixture'> = {
  matmul(operation, node, emitter) {
    const { transposeLeft, transposeRight, scale } = operation;
    if (!transposeLeft && !transposeRight && scale === 1) return plain.matmul(operation, node, emitter);
    emitter.result('com.microsoft.FusedMatMul', node, names(node, emitter), {
      transA: { int: transposeLeft ? 1 : 0 },
      transB: { int: transposeRight ? 1 : 0 },
      alpha: { float: scale },
    });
  },

  mixture: (operation, node, emitter) =>
    mixtureOf(operation, node, emitter, (query, key) =>
      emitter.node('com.microsoft.FusedMatMul', [query, key], { transB: { int: 1 } }),
    ),
};

/** Attention that never stores its probabilities (Dao et al. 2022). Padded batches take a mask of the keys. */
function multiHeadAttention(
  { heads, masked }: Extract<Operation, { kind: 'attention' }>,
  node: Node,
  emitter: Emitter,
): void {
  const [query, key, value, keep] = names(node, emitter);
  const inputs = [query, key, value];
  if (masked) inputs.push('', emitter.node('Cast', [keep], { to: { int: 6 } }));
  emitter.result('com.microsoft.MultiHeadAttention', node, inputs, { num_heads: { int: heads } });
}

/** Quantises the left operand, multiplies and scales in one pass. */
const dynamicQuantizeMatmul: Pick<RuleTable, 'quantisedMatmul'> = {
  quantisedMatmul: (_, node, emitter) =>
    emitter.result('com.microsoft.DynamicQuantizeMatMul', node, names(node, emitter)),
};

const native: RuleTable = {
  ...plain,
  ...fusedMatmul,
  ...dynamicQuantizeMatmul,
  attention: multiHeadAttention,
};

/** On GPUs only unmasked attention has a fused kernel everywhere. */
const gpu: RuleTable = {
  ...plain,
  scatterRows: atomicScatter,
  attention: (operation, node, emitter) =>
    operation.masked
      ? plain.attention(operation, node, emitter)
      : multiHeadAttention(operation, node, emitter),
};

const tables: Record<Profile, RuleTable> = {
  cpu: native,
  wasm: native,
  webgpu: gpu,
  cuda: { ...gpu, ...fusedMatmul },
  onnx: plain,
};

/** The lowering rules of a profile. */
export function rulesOf(profile: Profile): RuleTable {
  return tables[profile];
}
