/** @file A process of its own that logs and saves without end, for tests that kill it. Arguments: run folder, values. */

import { RunFolder } from '../../../../src/train/run/run-folder.ts';
import { stateOf } from './states.ts';

const [path, size] = process.argv.slice(2);
const folder = await RunFolder.open(path);
const state = await folder.loadCheckpoint();
for (let step = (state?.progress.step ?? 0) + 1; ; step++) {
  await folder.log({ step, epoch: 1, seconds: 0, split: 'train', values: { loss: 1 / step } });
  await folder.saveCheckpoint(stateOf(step, Number(size)));
  process.stdout.write('.');
}
