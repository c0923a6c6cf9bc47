/**
 * @file Cell embeddings at speed: the forward pass of `scgpt.ts` with everything left out that inference can do without.
 *
 * - Gene and binned-value embeddings are looked up in tables made once, so the input is two gathers and an addition.
 * - Of the last layer only the `<cls>` row is computed, where the cell embedding is that row.
 * - On processors cells run one by one at their own length: no padding, no mask, and the numbers of a cell cannot
 *   depend on its batch. Graphics processors take padded batches.
 */

import { Graph } from '../graph/graph.ts';
import { quantiseParameters } from '../nn/linear.ts';
import { unitLength } from '../nn/pooling.ts';
import { type Precision, Scope } from '../nn/scope.ts';
import type { Device } from '../runtime/device.ts';
import type { Executable, NamedTensors } from '../runtime/executable.ts';
import { InputError, UsageError } from '../support/errors.ts';
import { elementCount, type StateDict, type Tensor } from '../support/tensor.ts';
import { conditionInput } from './conditions.ts';
import type { ModelConfig } from './config.ts';
import { cellInputs, embedGenes, embedValues, scgpt } from './scgpt.ts';
import { binnedValues, type ValueRows } from './value-table.ts';

/** Options of {@link createEmbedder}. */
export interface EmbedderOptions {
  /** `float32`, the default, or `int8`: 8-bit matrix products in the transformer, faster and less exact. */
  readonly precision?: Precision;
  /** Values are bins (default): each must be one of the model's. With `false` any number goes through the value encoder. */
  readonly binned?: boolean;
  /** Scale each embedding to length 1, as the reference exports them. Default true. */
  readonly unitLength?: boolean;
  /** How cells of one batch run. Default `padded` on graphics processors, `one-by-one` elsewhere. */
  readonly batching?: 'one-by-one' | 'padded';
}

/** Cells as tokens, each in a row of `length`. */
export interface CellBatch {
  readonly cells: number;
  /** Tokens in a row. */
  readonly length: number;
  /** Tokens of each cell that are real, the first of its row; default all. */
  readonly lengths?: Int32Array | undefined;
  /** Gene ids, `[cells, length]`, `<cls>` first. */
  readonly genes: Int32Array;
  /** Expression values, `[cells, length]`. */
  readonly values: Float32Array;
  /** Batch of each cell, `[cells]`, for models whose input is normalised per batch. */
  readonly domain?: Int32Array | undefined;
  /**
   * Rows of the tables of conditions, by name: `[cells]` where a condition is of cells, `[cells, length]` where of genes.
   * Default 0, not given.
   */
  readonly conditions?: ReadonlyMap<string, Int32Array> | undefined;
}

/** Computes cell embeddings. */
export interface Embedder {
  /** Numbers in an embedding. */
  readonly width: number;
  /**
   * Writes the embeddings of a batch to `out`, `[cells, width]`.
   *
   * @throws InputError when a gene id or a value is outside the model's range
   */
  embed(batch: CellBatch, out: Float32Array): Promise<void>;
  /** The embedding of every gene of the vocabulary as the transformer sees it, layer-normalised: `[vocabulary, width]`. */
  geneEmbeddings(): Promise<Tensor<'float32'>>;
  dispose(): Promise<void>;
}

/**
 * Makes a model ready to embed cells.
 *
 * @param parameters the checkpoint's parameters under official names, float32
 * @throws GraphError when a parameter is missing or has another shape than the configuration says
 */
export async function createEmbedder(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
  options: EmbedderOptions = {},
): Promise<Embedder> {
  const onGpu = device.name === 'webgpu' || device.name === 'cuda';
  const { precision = 'float32', binned = true, batching = onGpu ? 'padded' : 'one-by-one' } = options;
  const { embeddingSize: width } = config;
  const genes = await geneTable(device, config, parameters);
  // Pooling by values needs them as they are, and scaling has no value embeddings: no table then.
  const tabled = binned && config.cellEmbeddingStyle !== 'w-pool' && config.inputStyle !== 'scaling';
  const rows = tabled ? binnedValues(config) : undefined;
  const prepared: StateDict = new Map(parameters);
  if (rows !== undefined) {
    prepared.set('gene_table', genes);
    prepared.set('value_table', await valueTable(device, config, parameters, rows));
  }

  const executables = new Map<boolean, Promise<Executable>>();
  const executable = (padded: boolean): Promise<Executable> => {
    const known = executables.get(padded);
    if (known !== undefined) return known;
    const graph = embeddingGraph(config, { precision, rows, padded, unitLength: options.unitLength ?? true });
    const loading = device.load(
      graph,
      precision === 'int8' ? quantiseParameters(graph.parameters, prepared) : prepared,
    );
    executables.set(padded, loading);
    return loading;
  };
  if (batching === 'one-by-one') {
    await executable(false);
    prepared.clear(); // nothing else will be loaded: let the caller's parameters go
  }

  const valuesTensor = (values: Float32Array, shape: readonly number[]): Tensor =>
    rows === undefined
      ? { dtype: 'float32', shape, data: values }
      : { dtype: 'int32', shape, data: rows.rowsOf(values) };

  /** Runs some cells of a batch that have `length` tokens each. */
  async function run(
    batch: CellBatch,
    from: number,
    cells: number,
    length: number,
    out: Float32Array,
  ): Promise<void> {
    const shape = [cells, length];
    const start = from * batch.length;
    const end = start + (cells - 1) * batch.length + length;
    const lengths = batch.lengths?.subarray(from, from + cells);
    const padded = lengths?.some((real) => real < length) ?? false;
    const feeds: Record<string, Tensor> = {
      genes: { dtype: 'int32', shape, data: batch.genes.subarray(start, end) },
      values: valuesTensor(batch.values.subarray(start, end), shape),
    };
    if (padded && lengths) feeds.keep = { dtype: 'bool', shape, data: keepMask(lengths, length) };
    if (config.inputBatchNorm === 'per-batch' && batch.domain !== undefined) {
      feeds.domain = { dtype: 'int32', shape: [cells], data: batch.domain.subarray(from, from + cells) };
    }
    for (const { name, of } of config.conditions) {
      const given = batch.conditions?.get(name);
      const rows = of === 'cells' ? given?.subarray(from, from + cells) : given?.subarray(start, end);
      const sizes = of === 'cells' ? [cells] : shape;
      feeds[conditionInput(name)] = {
        dtype: 'int32',
        shape: sizes,
        data: rows ?? new Int32Array(elementCount(sizes)),
      };
    }
    const into: NamedTensors = {
      cell: {
        dtype: 'float32',
        shape: [cells, width],
        data: out.subarray(from * width, (from + cells) * width),
      },
    };
    await (await executable(padded)).run(feeds, into);
  }

  return {
    width,
    async embed(batch, out) {
      checkBatch(config, batch, out);
      if (batching === 'padded') return run(batch, 0, batch.cells, batch.length, out);
      for (let cell = 0; cell < batch.cells; cell++) {
        await run(batch, cell, 1, batch.lengths?.[cell] ?? batch.length, out);
      }
    },
    geneEmbeddings: async () => genes,
    async dispose() {
      for (const loaded of executables.values()) await (await loaded).dispose();
      executables.clear();
    },
  };
}

/** The graph from tokens to cell embeddings. */
export function embeddingGraph(
  config: ModelConfig,
  options: {
    readonly precision: Precision;
    /** Look values up by these rows; without it they go through the value encoder. */
    readonly rows: ValueRows | undefined;
    readonly padded: boolean;
    readonly unitLength: boolean;
  },
): Graph {
  const { precision, rows, padded } = options;
  const graph = new Graph();
  const inputs = cellInputs(graph, config, { padded, valueDtype: rows === undefined ? 'float32' : 'int32' });
  const { cell } = scgpt(new Scope(graph, '', precision), { ...config, useBatchLabels: false }, inputs, {
    cellRowOnly: config.cellEmbeddingStyle === 'cls',
    ...(rows === undefined ? {} : { valueTable: { rows: rows.values.length } }),
  });
  graph.output('cell', options.unitLength ? unitLength(cell) : cell);
  return graph;
}

/** Genes embedded in one run while the table is made: bounds the memory of its intermediate results. */
const tableBlock = 8192;

/** Layer-normalised gene embeddings of the whole vocabulary. */
async function geneTable(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
): Promise<Tensor<'float32'>> {
  const { vocabularySize, embeddingSize: width } = config;
  const graph = new Graph();
  graph.output('table', embedGenes(new Scope(graph), config, graph.input('genes', 'int32', ['rows'])));
  const executable = await device.load(graph, parameters);
  const data = new Float32Array(vocabularySize * width);
  for (let start = 0; start < vocabularySize; start += tableBlock) {
    const rows = Math.min(tableBlock, vocabularySize - start);
    const genes: Tensor = {
      dtype: 'int32',
      shape: [rows],
      data: Int32Array.from({ length: rows }, (_, i) => start + i),
    };
    const part = data.subarray(start * width, (start + rows) * width);
    await executable.run({ genes }, { table: { dtype: 'float32', shape: [rows, width], data: part } });
  }
  await executable.dispose();
  return { dtype: 'float32', shape: [vocabularySize, width], data };
}

/** Embeddings of all values that bins can have. */
async function valueTable(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
  { values }: ValueRows,
): Promise<Tensor> {
  const graph = new Graph();
  graph.output('table', embedValues(new Scope(graph), config, graph.input('values', 'float32', ['rows'])));
  const executable = await device.load(graph, parameters);
  const { table } = await executable.run({
    values: { dtype: 'float32', shape: [values.length], data: values },
  });
  await executable.dispose();
  return table;
}

function keepMask(lengths: Int32Array, length: number): Uint8Array {
  const keep = new Uint8Array(lengths.length * length);
  lengths.forEach((real, cell) => {
    keep.fill(1, cell * length, cell * length + real);
  });
  return keep;
}

function checkBatch(config: ModelConfig, batch: CellBatch, out: Float32Array): void {
  const { cells, length, lengths, genes, values, domain } = batch;
  const sizes: readonly [string, number, number][] = [
    ['genes', genes.length, cells * length],
    ['values', values.length, cells * length],
    ['out', out.length, cells * config.embeddingSize],
    ['lengths', lengths?.length ?? cells, cells],
    ['domain', domain?.length ?? cells, cells],
    ...config.conditions.map(({ name, of }): [string, number, number] => {
      const size = of === 'cells' ? cells : cells * length;
      return [conditionInput(name), batch.conditions?.get(name)?.length ?? size, size];
    }),
  ];
  for (const [name, got, expected] of sizes) {
    if (got !== expected) {
      throw new UsageError({
        what: `${name} has ${got} elements`,
        expected: `${expected} for ${cells} cells`,
      });
    }
  }
  const wrongLength = lengths?.find((real) => real < 1 || real > length);
  if (wrongLength !== undefined) {
    throw new UsageError({
      what: `a cell has ${wrongLength} tokens`,
      expected: `1 to ${length}`,
      reason: 'length',
    });
  }
  if (config.inputBatchNorm === 'per-batch' && domain === undefined) {
    throw new UsageError({
      what: 'this model normalises its input per batch, and no batches are given',
      expected: `a batch of 0 to ${config.batchCount - 1} for each cell`,
      reason: 'domain',
    });
  }
  checkRange('gene id', genes, config.vocabularySize);
  if (domain !== undefined) checkRange('batch', domain, config.batchCount);
  for (const { name, values: known } of config.conditions) {
    const rows = batch.conditions?.get(name);
    if (rows !== undefined) checkRange(`condition '${name}'`, rows, known.length + 1);
  }
}

function checkRange(what: string, indices: Int32Array, count: number): void {
  const wrong = indices.find((index) => index < 0 || index >= count);
  if (wrong !== undefined) {
    throw new InputError({
      what: `${what} ${wrong} is outside the model`,
      expected: `0 to ${count - 1}`,
      reason: 'range',
    });
  }
}
