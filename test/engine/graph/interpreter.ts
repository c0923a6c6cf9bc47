/** @file Runs graphs in plain TypeScript and float64, one short rule an operation: what other executors are measured by. */

import type { Graph, Node } from '../../../src/graph/graph.ts';
import { liveNodes } from '../../../src/graph/live.ts';
import type { BinaryKind, Operation, OperationKind } from '../../../src/graph/operation.ts';
import { evaluateDim, type Shape } from '../../../src/graph/shape.ts';
import { elementCount, type Tensor } from '../../../src/support/tensor.ts';

/** A value of any dtype as numbers; bool is 0 and 1. */
export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function denseOf({ shape, data }: Tensor): Dense {
  return { shape, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) };
}

/** The outputs of a graph, from its inputs and parameters by name; sizes are those of the inputs. */
export function interpret(graph: Graph, feeds: Readonly<Record<string, Dense>>): Record<string, Dense> {
  const sizes = sizesOf(graph, feeds);
  const sizeOf = (name: string): number => {
    const size = sizes.get(name);
    if (size === undefined) throw new Error(`no input has the size '${name}'`);
    return size;
  };
  const results = new Map<number, Dense>();
  for (const node of liveNodes(graph)) {
    const shapes = node.outputs.map(({ shape }) => shape.map((dim) => evaluateDim(dim, sizeOf)));
    const inputs = node.inputs.map(({ id }) => results.get(id) as Dense);
    run(node, feeds, { node, inputs, shapes, sizeOf }).forEach((result, place) => {
      if (String(result.shape) !== String(shapes[place]))
        throw new Error(`${node.operation.kind} gave [${result.shape}] for [${shapes[place]}]`);
      results.set(node.outputs[place].id, result);
    });
  }
  return Object.fromEntries([...graph.outputs].map(([name, { id }]) => [name, results.get(id) as Dense]));
}

/** What the names of sizes stand for in a run. */
function sizesOf(graph: Graph, feeds: Readonly<Record<string, Dense>>): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [name, { shape }] of graph.inputs) {
    const given = feeds[name]?.shape;
    shape.forEach((dim, axis) => {
      if (given === undefined || typeof dim === 'number') return;
      const known = sizes.get(dim);
      if (known !== undefined && known !== given[axis])
        throw new Error(`${dim}: ${known} and ${given[axis]}`);
      sizes.set(dim, given[axis]);
    });
  }
  return sizes;
}

/** What a rule works with: operands, and the shapes its results must have. */
interface Call {
  readonly node: Node;
  readonly inputs: readonly Dense[];
  readonly shapes: readonly (readonly number[])[];
  readonly sizeOf: (name: string) => number;
}

type Computed = Exclude<OperationKind, 'input' | 'parameter' | 'constant'>;
type Rule<K extends Computed> = (
  operation: Extract<Operation, { kind: K }>,
  call: Call,
) => Dense | readonly Dense[];

function run({ operation }: Node, feeds: Readonly<Record<string, Dense>>, call: Call): readonly Dense[] {
  switch (operation.kind) {
    case 'input':
    case 'parameter':
      return [feeds[operation.name]];
    case 'constant':
      return [denseOf(operation.tensor)];
    default: {
      const rule = rules[operation.kind] as Rule<typeof operation.kind>;
      return [rule(operation, call)].flat();
    }
  }
}

/** Calls with every index of a shape in row-major order. The index is one array that changes: take a copy to keep it. */
function each(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const index = shape.map(() => 0);
  const count = elementCount(shape);
  for (let flat = 0; flat < count; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
}

function fill(shape: readonly number[], of: (index: number[]) => number): Dense {
  const data = new Float64Array(elementCount(shape));
  each(shape, (index, flat) => {
    data[flat] = of(index);
  });
  return { shape, data };
}

/** The place of an index, which may have more dimensions; dimensions of size 1 repeat. */
function offset(shape: readonly number[], index: readonly number[]): number {
  const lead = index.length - shape.length;
  return shape.reduce((flat, size, axis) => flat * size + (size === 1 ? 0 : index[lead + axis]), 0);
}

const at = ({ shape, data }: Dense, index: readonly number[]): number => data[offset(shape, index)];

/** Takes the elements along some axes together; these stay with size 1. */
function fold(
  x: Dense,
  axes: readonly number[],
  start: number,
  together: (a: number, b: number) => number,
): Dense {
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const data = new Float64Array(elementCount(shape)).fill(start);
  each(x.shape, (index, flat) => {
    const place = offset(shape, index);
    data[place] = together(data[place], x.data[flat]);
  });
  return { shape, data };
}

const plus = (a: number, b: number): number => a + b;
const map = (x: Dense, of: (value: number) => number): Dense => ({ shape: x.shape, data: x.data.map(of) });
const sum = (count: number, of: (i: number) => number): number =>
  Array.from({ length: count }, (_, i) => of(i)).reduce(plus, 0);

const arithmetic: Record<BinaryKind, (a: number, b: number) => number> = {
  add: plus,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  minimum: Math.min,
  maximum: Math.max,
};

/** int32 wraps modulo 2^32. */
function binary({ kind }: { kind: BinaryKind }, { node, inputs: [a, b], shapes: [shape] }: Call): Dense {
  const { dtype } = node.outputs[0];
  const wraps = dtype === 'int32' && kind === 'multiply';
  const result = fill(shape, (i) => (wraps ? Math.imul : arithmetic[kind])(at(a, i), at(b, i)));
  if (dtype === 'float32') return result;
  return map(result, dtype === 'int32' ? (value) => value | 0 : Math.trunc);
}

const compared =
  (holds: (a: number, b: number) => boolean) =>
  (_: unknown, { inputs: [a, b], shapes: [shape] }: Call): Dense =>
    fill(shape, (i) => Number(holds(at(a, i), at(b, i))));

const unary =
  (of: (x: number) => number) =>
  (_: unknown, { inputs: [x] }: Call): Dense =>
    map(x, of);

function logSoftmax(x: Dense, axis: number): Dense {
  const largest = fold(x, [axis], -Infinity, Math.max);
  const centred = fill(x.shape, (i) => at(x, i) - at(largest, i));
  const totals = fold(map(centred, Math.exp), [axis], 0, plus);
  return fill(x.shape, (i) => at(centred, i) - Math.log(at(totals, i)));
}

const softmax = (x: Dense, axis: number): Dense => map(logSoftmax(x, axis), Math.exp);

/** A product of keys is a place among the 2^32 numbers of int32: the lowest share of them is dropped. */
const dropped = (x: Dense, rows: Dense, columns: Dense, rate: number): Dense =>
  fill(x.shape, (i) => {
    const place = (Math.imul(at(rows, i), at(columns, i)) + 2 ** 31) / 2 ** 32;
    return place < rate ? 0 : at(x, i) / (1 - rate);
  });

/** Where each of some sizes begins when they lie behind one another. */
const startsOf = (sizes: readonly number[]): readonly number[] =>
  sizes.map((_, part) => sizes.slice(0, part).reduce(plus, 0));

const rules: { readonly [K in Computed]: Rule<K> } = {
  add: binary,
  subtract: binary,
  multiply: binary,
  divide: binary,
  minimum: binary,
  maximum: binary,
  equal: compared((a, b) => a === b),
  greater: compared((a, b) => a > b),
  relu: unary((x) => Math.max(x, 0)),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  sqrt: unary(Math.sqrt),
  exp: unary(Math.exp),
  log: unary(Math.log),
  leakyRelu: ({ slope }, { inputs: [x] }) => map(x, (value) => (value > 0 ? value : slope * value)),
  scaleGradient: unary((x) => x),
  where: (_, { inputs: [condition, a, b], shapes: [shape] }) =>
    fill(shape, (i) => (at(condition, i) === 0 ? at(b, i) : at(a, i))),
  cast: ({ to }, { inputs: [x] }) =>
    map(x, to === 'float32' ? (value) => value : to === 'bool' ? (value) => Number(value !== 0) : Math.trunc),

  matmul({ transposeLeft, transposeRight, scale }, { inputs: [left, right], shapes: [shape] }) {
    const inner = left.shape[left.shape.length - (transposeLeft ? 2 : 1)];
    return fill(shape, (index) => {
      const batch = index.slice(0, -2);
      const [row, column] = index.slice(-2);
      const product = sum(inner, (i) => {
        const a = at(left, [...batch, ...(transposeLeft ? [i, row] : [row, i])]);
        return a * at(right, [...batch, ...(transposeRight ? [column, i] : [i, column])]);
      });
      return scale * product;
    });
  },

  quantisedMatmul(_, { inputs: [left, right, scales], shapes: [shape] }) {
    const lowest = left.data.reduce((a, b) => Math.min(a, b), 0);
    const step = (left.data.reduce((a, b) => Math.max(a, b), 0) - lowest) / 255;
    const zero = Math.round(-lowest / step);
    const rounded = map(left, (x) => Math.min(255, Math.max(0, Math.round(x / step) + zero)) - zero);
    return fill(shape, (index) => {
      const column = index[index.length - 1];
      const of = (i: number): number => at(rounded, index.with(-1, i)) * at(right, [i, column]);
      return step * scales.data[column] * sum(right.shape[0], of);
    });
  },

  attention({ heads, masked }, { inputs: [query, key, value, keep], shapes: [shape] }) {
    const size = query.shape[2] / heads;
    const [cells, keys] = key.shape;
    const scores = fill([cells, heads, query.shape[1], keys], ([c, h, q, k]) => {
      if (masked && at(keep, [c, k]) === 0) return -Infinity;
      const product = (i: number): number => at(query, [c, q, i]) * at(key, [c, k, i]);
      return sum(size, (i) => product(h * size + i)) / Math.sqrt(size);
    });
    const weights = softmax(scores, 3);
    return fill(shape, ([c, q, i]) =>
      sum(keys, (k) => at(weights, [c, Math.floor(i / size), q, k]) * at(value, [c, k, i])),
    );
  },

  mixture({ dropout: rate }, { inputs: [query, key, value, rows, columns], shapes }) {
    const scores = fill(shapes[1], ([c, h, q, k]) =>
      sum(query.shape[3], (i) => at(query, [c, h, q, i]) * at(key, [c, h, k, i])),
    );
    const weights = softmax(scores, 3);
    const kept = rate === 0 ? weights : dropped(weights, rows, columns, rate);
    const mixed = fill(shapes[0], ([c, h, q, i]) =>
      sum(key.shape[2], (k) => at(kept, [c, h, q, k]) * at(value, [c, h, k, i])),
    );
    return [mixed, weights];
  },

  dropout: ({ rate }, { inputs: [x, rows, columns] }) => dropped(x, rows, columns, rate),
  softmax: ({ axis }, { inputs: [x] }) => softmax(x, axis),
  logSoftmax: ({ axis }, { inputs: [x] }) => logSoftmax(x, axis),

  layerNorm({ epsilon }, { inputs: [x, weight, bias] }) {
    const last = x.shape.length - 1;
    const meanOf = (values: Dense): Dense => map(fold(values, [last], 0, plus), (v) => v / x.shape[last]);
    const mean = meanOf(x);
    const centred = fill(x.shape, (i) => at(x, i) - at(mean, i));
    const inverse = map(meanOf(map(centred, (v) => v * v)), (variance) => 1 / Math.sqrt(variance + epsilon));
    const output = fill(x.shape, (i) => at(centred, i) * at(inverse, i) * at(weight, i) + at(bias, i));
    return [output, mean, inverse];
  },

  gatherRows(_, { inputs: [table, indices], shapes: [shape] }) {
    const lead = indices.shape.length;
    return fill(shape, (i) => at(table, [at(indices, i.slice(0, lead)), ...i.slice(lead)]));
  },

  scatterRows(_, { inputs: [indices, updates], shapes: [shape] }) {
    const lead = indices.shape.length;
    const data = new Float64Array(elementCount(shape));
    each(updates.shape, (i, flat) => {
      data[offset(shape, [at(indices, i.slice(0, lead)), ...i.slice(lead)])] += updates.data[flat];
    });
    return { shape, data };
  },

  reshape: (_, { inputs: [{ data }], shapes: [shape] }) => {
    if (data.length !== elementCount(shape)) throw new Error(`reshape: ${data.length} to [${shape}]`);
    return { shape, data };
  },
  expand: (_, { inputs: [x], shapes: [shape] }) => fill(shape, (i) => at(x, i)),
  transpose: ({ permutation }, { inputs: [x], shapes: [shape] }) =>
    fill(shape, (i) =>
      at(
        x,
        permutation.map((_, axis) => i[permutation.indexOf(axis)]),
      ),
    ),

  concat({ axis }, { inputs, shapes: [shape] }) {
    const data = new Float64Array(elementCount(shape));
    const starts = startsOf(inputs.map((part) => part.shape[axis]));
    inputs.forEach((part, place) => {
      each(part.shape, (i, flat) => {
        data[offset(shape, i.with(axis, i[axis] + starts[place]))] = part.data[flat];
      });
    });
    return { shape, data };
  },

  split({ axis }, { inputs: [x], shapes }) {
    const starts = startsOf(shapes.map((shape) => shape[axis]));
    return shapes.map((shape, part) => fill(shape, (i) => at(x, i.with(axis, i[axis] + starts[part]))));
  },

  slice: ({ axis, start }, { inputs: [x], shapes: [shape] }) =>
    fill(shape, (i) => at(x, i.with(axis, i[axis] + start))),

  place: ({ axis, start }, { inputs: [x], shapes: [shape] }) =>
    fill(shape, (i) => {
      const inside = i[axis] >= start && i[axis] < start + x.shape[axis];
      return inside ? at(x, i.with(axis, i[axis] - start)) : 0;
    }),

  extent: ({ dims }, { sizeOf }) => fill([], () => elementCount(evaluated(dims, sizeOf))),

  topK(_, { inputs: [x], shapes: [shape] }) {
    const size = x.shape[x.shape.length - 1];
    const indices = fill(shape, (i) => {
      const row = Array.from({ length: size }, (_, place) => place);
      const value = (place: number): number => at(x, i.with(-1, place));
      return row.sort((a, b) => value(b) - value(a) || a - b)[i[i.length - 1]];
    });
    return [fill(shape, (i) => at(x, i.with(-1, at(indices, i)))), indices];
  },

  reduce({ by, axes }, { inputs: [x], shapes: [shape] }) {
    const count = by === 'sum' ? 1 : elementCount(axes.map((axis) => x.shape[axis]));
    return { shape, data: fold(x, axes, 0, plus).data.map((total) => total / count) };
  },
};

function evaluated(dims: Shape, sizeOf: (name: string) => number): readonly number[] {
  return dims.map((dim) => evaluateDim(dim, sizeOf));
}
