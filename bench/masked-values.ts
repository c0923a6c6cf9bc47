/**
 * @file How well hidden expression values are predicted on cells never trained on: the model beside what needs no model.
 *
 * `npm run tools && node .build/bench/masked-values.js --model models/blood [--out file.json]`. Half of each cell's
 * non-zero genes are hidden; errors are in value bins (0 to 50), over hidden genes alone.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Graph } from '../src/graph/graph.ts';
import { generative, generativeInputs } from '../src/model/generative.ts';
import { initialParameters } from '../src/model/initial-parameters.ts';
import { binnedValues, type ValueRows } from '../src/model/value-table.ts';
import { Scope } from '../src/nn/scope.ts';
import { openDevice } from '../src/runtime/device.ts';
import type { Executable } from '../src/runtime/executable.ts';
import { ValueBinner } from '../src/single-cell/binning.ts';
import type { StateDict, Tensor } from '../src/support/tensor.ts';
import { openModel } from '../src/tasks/model.ts';
import { closeAll } from '../src/tasks/pretrain/corpus.ts';
import { splitCells } from '../src/train/cells/split.ts';
import type { TrainingCell } from '../src/train/cells/training-cells.ts';
import { type PretrainingBatches, pretrainingBatch } from '../src/train/pretraining-batch.ts';
import { corpusFiles, heldOutFiles, openCells } from './support/pretraining-cells.ts';
import { GeneMeans, NearestCells } from './support/value-baselines.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/blood' },
    shared: { type: 'string', default: '../shared' },
    cells: { type: 'string', default: '200' },
    out: { type: 'string' },
  },
});
/** Share of hidden genes. */
const hidden = 0.5;

interface Score {
  readonly data: string;
  readonly method: string;
  readonly cells: number;
  /** Mean squared error in bins, over all hidden values. */
  readonly squaredError: number;
  /** Pearson correlation of hidden values within a cell, the mean over cells. */
  readonly correlation: number;
}

const model = await openModel(options.model);
const { config, vocabulary } = model;
const rows: ValueRows = binnedValues(config);
const device = await openDevice({ device: 'cpu' });
const making: PretrainingBatches = {
  config,
  vocabulary,
  binner: new ValueBinner(config.bins, 'left'),
  values: rows,
  seed: 0,
  maxLength: config.maxLength,
  ratios: [hidden],
};

async function predictor(parameters: StateDict): Promise<Executable> {
  const graph = new Graph();
  const inputs = generativeInputs(graph, { valueDtype: 'int32' });
  const found = generative(new Scope(graph), config, inputs, { distinctValues: rows.values });
  graph.output('gene prompt', found.expressionUnknown.value);
  if (found.cellPromptedUnknown !== undefined)
    graph.output('cell embedding', found.cellPromptedUnknown.value);
  return device.load(graph, parameters);
}

/** Hidden values of a cell and what is known of it. */
interface HiddenCell {
  readonly known: ReadonlyMap<number, number>;
  readonly genes: Int32Array;
  readonly target: Float32Array;
}

function hiddenCells(feeds: Readonly<Record<string, Tensor>>): HiddenCell[] {
  const { knownGenes, knownValues, unknownGenes, target, scored, knownKeep } = feeds;
  const [cells, length] = unknownGenes.shape;
  const [, knownLength] = knownGenes.shape;
  return Array.from({ length: cells }, (_, cell) => {
    const known = new Map<number, number>();
    for (let i = cell * knownLength + 1; i < (cell + 1) * knownLength; i++) {
      if (knownKeep.data[i]) known.set(Number(knownGenes.data[i]), rows.values[Number(knownValues.data[i])]);
    }
    const real = Array.from({ length }, (_, i) => cell * length + i).filter((i) => scored.data[i]);
    return {
      known,
      genes: Int32Array.from(real, (i) => Number(unknownGenes.data[i])),
      target: Float32Array.from(real, (i) => Number(target.data[i])),
    };
  });
}

class Tally {
  private squares = 0;
  private count = 0;
  private correlations: number[] = [];

  add(predicted: ArrayLike<number>, target: ArrayLike<number>): void {
    for (let i = 0; i < target.length; i++) this.squares += (predicted[i] - target[i]) ** 2;
    this.count += target.length;
    const r = pearson(predicted, target);
    if (Number.isFinite(r)) this.correlations.push(r);
  }

  score(data: string, method: string, cells: number): Score {
    const correlation = this.correlations.reduce((total, r) => total + r, 0) / this.correlations.length;
    return { data, method, cells, squaredError: this.squares / this.count, correlation };
  }
}

function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    sa += a[i];
    sb += b[i];
    saa += a[i] * a[i];
    sbb += b[i] * b[i];
    sab += a[i] * b[i];
  }
  return (n * sab - sa * sb) / Math.sqrt((n * saa - sa * sa) * (n * sbb - sb * sb));
}

async function scoreData(label: string, cells: readonly TrainingCell[]): Promise<Score[]> {
  const tallies = new Map<string, Tally>();
  const tally = (method: string): Tally => {
    const found = tallies.get(method) ?? new Tally();
    tallies.set(method, found);
    return found;
  };
  for (let start = 0; start < cells.length; start += 16) {
    const batch = pretrainingBatch(cells.slice(start, start + 16), making, 0, start);
    const hiddenOf = hiddenCells(batch.feeds);
    const feeds = Object.fromEntries(
      Object.entries(batch.feeds).filter(([name]) => trained.inputs.includes(name)),
    );
    const length = batch.feeds.unknownGenes.shape[1];
    for (const [name, executable] of [
      ['', trained],
      [', untrained', untrained],
    ] as const) {
      const found = await executable.run(feeds);
      for (const [head, { data }] of Object.entries(found)) {
        hiddenOf.forEach(({ target }, cell) => {
          tally(`scGPT, ${head}${name}`).add((data as Float32Array).subarray(cell * length), target);
        });
      }
    }
    for (const { known, genes, target } of hiddenOf) {
      tally('gene mean').add(means.predict(genes), target);
      tally('15 nearest cells').add(nearest.predict(known, genes), target);
    }
  }
  return [...tallies].map(([method, found]) => found.score(label, method, cells.length));
}

const opened = await openCells(options.shared, corpusFiles, vocabulary);
const { train, validation } = splitCells(opened.cells.count, { share: 0.05, seed: 0 });
const means = new GeneMeans(vocabulary.size);
const nearest = new NearestCells(means, 15);
for (let start = 0; start < train.length; start += 512) {
  for (const cell of await opened.cells.read(train.subarray(start, start + 512))) {
    const bins = new Float32Array(cell.values.length);
    making.binner.bin(cell.values, bins);
    means.add(cell.genes, bins);
    nearest.add(cell.genes, bins);
  }
}
const trained = await predictor(await model.parameters());
const untrained = await predictor(initialParameters(config, 0));
const most = Number(options.cells);
const spread = (members: Int32Array): Int32Array =>
  members.length <= most
    ? members
    : Int32Array.from({ length: most }, (_, i) => members[Math.floor((i * members.length) / most)]);

const scores = await scoreData('held-out cells', await opened.cells.read(spread(validation)));
for (const file of heldOutFiles) {
  const other = await openCells(options.shared, [file], vocabulary);
  const all = Int32Array.from({ length: other.cells.count }, (_, cell) => cell);
  scores.push(...(await scoreData(file.path.replace(/^.*\//, ''), await other.cells.read(spread(all)))));
  await closeAll(other.named);
}
await closeAll(opened.named);
await trained.dispose();
await untrained.dispose();

console.log('| data | cells | method | squared error | correlation |');
console.log('| --- | ---: | --- | ---: | ---: |');
for (const { data, cells, method, squaredError, correlation } of scores) {
  console.log(`| ${data} | ${cells} | ${method} | ${squaredError.toFixed(1)} | ${correlation.toFixed(3)} |`);
}
if (options.out !== undefined)
  writeFileSync(options.out, `${JSON.stringify({ model: model.hash, scores }, null, 1)}\n`);
