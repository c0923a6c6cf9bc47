/** @file Our side of bench/train.ts, in a process of its own: trains on given batches, one JSON command a line. */

import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Graph } from '../src/graph/graph.ts';
import { openModelFolder } from '../src/model/folder.ts';
import { initialParameters } from '../src/model/initial-parameters.ts';
import { binnedValues } from '../src/model/value-table.ts';
import { Dropout } from '../src/nn/dropout.ts';
import type { TrainingScope } from '../src/nn/scope.ts';
import { openDevice } from '../src/runtime/device.ts';
import type { NamedTensors } from '../src/runtime/executable.ts';
import type { StateDict, Tensor } from '../src/support/tensor.ts';
import { objectives } from '../src/train/objectives.ts';
import { pretrainingObjectives } from '../src/train/pretraining.ts';
import type { BuildLosses } from '../src/train/step-graph.ts';
import { trainable } from '../src/train/trainable.ts';
import { createTrainer } from '../src/train/trainer.ts';
import { gemmGflops } from './support/gemm.ts';
import { configOf, readWorkload } from './train/workload.ts';

const [folder, threads, precision] = process.argv.slice(2);
const probabilities = precision as TrainingScope['probabilities'];
const workload = readWorkload(folder);
const config = configOf(workload);
const { values: distinctValues, rowsOf } = binnedValues(config);

const training = (graph: Graph): TrainingScope => ({
  probabilities,
  dropout:
    workload.dropout === 0
      ? undefined
      : new Dropout(graph, { rate: workload.dropout, width: config.embeddingSize }),
});

/** The losses of the recipe, with dropout or without. */
function losses(scope: typeof training | undefined): BuildLosses {
  switch (workload.recipe) {
    case 'dense':
      return objectives(config, { weights: { gep: 1, gepc: 1 }, training: scope });
    case 'integration':
      return objectives(config, {
        weights: { gep: 1, gepc: 1, ecs: 10, dar: 1 },
        training: scope,
        distinctValues,
      });
    case 'pretraining':
      return pretrainingObjectives(config, { cellPrompted: false, training: scope, distinctValues });
  }
}

/** The weights given with the workload, or new ones. */
async function parameters(): Promise<StateDict> {
  const given = `${folder}/model`;
  return existsSync(given) ? (await openModelFolder(given)).parameters() : initialParameters(config, 0);
}

/** The batch as the recipe's graph takes it: recipes look values up in a table, equal work computes them. */
function feedsOf(batch: NamedTensors): NamedTensors {
  if (workload.recipe === 'dense') return batch;
  const name = workload.recipe === 'pretraining' ? 'knownValues' : 'values';
  const { shape, data } = batch[name] as Tensor<'float32'>;
  return { ...batch, [name]: { dtype: 'int32', shape, data: rowsOf(data) } };
}

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const device = await openDevice({ device: 'cpu', threads: Number(threads) });
const trainer = await createTrainer(
  device,
  { training: losses(training), evaluation: losses(undefined) },
  await parameters(),
  { adam: {}, clipNorm: 1, seed: 0, trains: trainable(config, { freeze: 'none' }) },
);
say({ ready: 1 });

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.mode === 'gemm') {
    say({ gflops: await gemmGflops(device) });
    continue;
  }
  const begin = performance.now();
  const cpuBefore = process.cpuUsage();
  const { total } = await trainer.step(feedsOf(workload.batches[command.batch]), 1e-4, { domain: 0 });
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  say({ seconds, cpu: (user + system) / 1e6, loss: total, rss: process.resourceUsage().maxRSS * 1024 });
}
