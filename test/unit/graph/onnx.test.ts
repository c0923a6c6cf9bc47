/** @file ONNX files: bytes of the protobuf writer, dead code, placement of weights, and operators by profile. */

import { describe, expect, it } from 'vitest';
import { dump } from '../../../src/graph/dump.ts';
import { Graph } from '../../../src/graph/graph.ts';
import { lower, type ParameterPlacement } from '../../../src/graph/onnx/lower.ts';
import { encodeModel } from '../../../src/graph/onnx/model.ts';
import type { Profile } from '../../../src/graph/onnx/profiles.ts';
import { concatenate, Message } from '../../../src/graph/onnx/protobuf.ts';
import { attention } from '../../../src/graph/ops/attention.ts';
import { add, relu } from '../../../src/graph/ops/elementwise.ts';
import { matmul } from '../../../src/graph/ops/matmul.ts';
import { expand, place, reshape } from '../../../src/graph/ops/shape.ts';
import type { Shape } from '../../../src/graph/shape.ts';
import type { StateDict } from '../../../src/support/tensor.ts';

const hex = (message: Message): string => Buffer.from(concatenate(message.parts)).toString('hex');

describe('Message', () => {
  it('writes the encodings of the protobuf specification', () => {
    expect(hex(new Message().integer(1, 150))).toBe('089601');
    expect(hex(new Message().text(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(new Message().message(3, new Message().integer(1, 150)))).toBe('1a03089601');
    expect(hex(new Message().integers(6, [3, 270, 86942]))).toBe('3206038e029ea705');
    expect(hex(new Message().integer(1, -2))).toBe('08feffffffffffffffff01');
    expect(hex(new Message().integer(1, 2n ** 62n))).toBe('08808080808080808040');
    expect(hex(new Message().float(2, 1))).toBe('150000803f');
    expect(hex(new Message().integer(100, 0))).toBe('a00600');
  });

  it('refers to large fields instead of copying them', () => {
    const weights = new Uint8Array(1000);
    const message = new Message().message(1, new Message().bytes(2, weights));
    expect(message.parts).toContain(weights);
    expect(message.byteLength).toBe(concatenate(message.parts).byteLength);
  });
});

/** `relu(x w^T) + 1`, an attention over it, and a parameter that nothing reads. */
function example(): Graph {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['cells', 'tokens', 4]);
  graph.input('unused', 'float32', [1]);
  const product = matmul(x, graph.parameter('w', [4, 4]), { transposeRight: true });
  add(product, graph.parameter('dead', [4]));
  const rows = add(relu(product), 1);
  graph.output('y', attention(rows, rows, rows, 2));
  return graph;
}

const values: StateDict = new Map([
  ['w', { dtype: 'float32', shape: [4, 4], data: new Float32Array(16).fill(0.5) }],
]);

function operators(profile: Profile, graph = example()): readonly string[] {
  const { nodes } = lower(graph, { profile, parameters: { in: 'model', values } });
  return nodes.map(({ operator, domain }) => (domain === '' ? operator : `${domain}.${operator}`));
}

describe('lower', () => {
  it('leaves out what no output needs', () => {
    const model = lower(example(), { profile: 'cpu', parameters: { in: 'model', values } });
    expect(model.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(model.initializers.map(({ name }) => name)).toContain('w');
    expect(model.initializers.map(({ name }) => name)).not.toContain('dead');
  });

  it('uses fused operators where the profile has them and standard ones elsewhere', () => {
    expect(operators('cpu')).toEqual([
      'com.microsoft.FusedMatMul',
      'Relu',
      'Add',
      'com.microsoft.MultiHeadAttention',
    ]);
    expect(operators('onnx').filter((name) => name.includes('.'))).toEqual([]);
    expect(operators('webgpu')).toContain('com.microsoft.MultiHeadAttention');
    expect(operators('webgpu')).not.toContain('com.microsoft.FusedMatMul');
  });

  it('places weights in the model, beside it, or among the inputs', () => {
    const placed = (parameters: ParameterPlacement) => lower(example(), { profile: 'cpu', parameters });
    const inside = placed({ in: 'model', values }).initializers.find(({ name }) => name === 'w');
    expect(inside?.content).toHaveLength(64);
    const beside = placed({ in: 'files', values }).initializers.find(({ name }) => name === 'w');
    expect(beside?.content).toEqual({ location: 'w', offset: 0, length: 64 });
    expect(placed({ in: 'inputs' }).inputs.map(({ name }) => name)).toEqual(['x', 'w']);
  });

  it('refuses missing and misshapen parameters', () => {
    const given = (state: StateDict) => () =>
      lower(example(), { profile: 'cpu', parameters: { in: 'model', values: state } });
    expect(given(new Map())).toThrow("parameter 'w' is missing. Expected float32 [4,4]");
    const misshapen: StateDict = new Map([
      ['w', { dtype: 'float32', shape: [16], data: new Float32Array(16) }],
    ]);
    expect(given(misshapen)).toThrow("parameter 'w' is float32 [16]. Expected float32 [4,4]");
  });

  it('tells a reshape its sizes: as numbers where they follow from the operand, else computed when it runs', () => {
    const operatorsOf = (shape: Shape) => {
      const graph = new Graph();
      graph.output('y', reshape(graph.input('x', 'float32', ['cells', 'tokens', 4]), shape));
      return operators('onnx', graph);
    };
    expect(operatorsOf(['cells', '4*tokens'])).toEqual(['Reshape']);
    expect(operatorsOf(['cells*tokens', 4])).toEqual(['Reshape']);
    expect(operatorsOf([4, 'cells', 'tokens'])).toEqual(['Shape', 'Shape', 'Concat', 'Reshape']);
    expect(operatorsOf([2, 'cells*tokens', 2])).toEqual(['Reshape']);
    expect(operatorsOf(['2*cells', '2*tokens'])).toEqual([
      ...['Shape', 'Mul', 'Shape', 'Mul', 'Concat', 'Reshape'],
    ]);
  });

  it('refuses a size that no input has which the model takes', () => {
    const graph = new Graph();
    graph.input('unused', 'float32', ['genes']);
    graph.output('y', expand(graph.input('x', 'float32', [1]), ['genes']));
    expect(() => operators('onnx', graph)).toThrow("no input of the graph has the size 'genes'");
  });

  it('refuses zeros around a value that it cannot count', () => {
    const graph = new Graph();
    graph.output('y', place(graph.input('x', 'float32', ['known']), 0, 1, 'tokens'));
    expect(() => operators('onnx', graph)).toThrow('place: known elements in tokens: the rest is not known');
  });

  it('encodes the same bytes for the same graph', () => {
    const encoded = () =>
      Buffer.from(
        concatenate(encodeModel(lower(example(), { profile: 'cpu', parameters: { in: 'model', values } }))),
      );
    expect(encoded().equals(encoded())).toBe(true);
  });
});

describe('dump', () => {
  it('prints one operation a line, live ones only', () => {
    expect(dump(example())).toBe(
      [
        '%0: float32 [cells, tokens, 4] = input() name="x"',
        '%2: float32 [4, 4] = parameter() name="w"',
        '%3: float32 [cells, tokens, 4] = matmul(%0, %2) transposeRight scale=1',
        '%6: float32 [cells, tokens, 4] = relu(%3)',
        '%7: float32 [] = constant() 1',
        '%8: float32 [cells, tokens, 4] = add(%6, %7)',
        '%9: float32 [cells, tokens, 4] = attention(%8, %8, %8) heads=2',
        'output y = %9',
        '',
      ].join('\n'),
    );
  });
});
