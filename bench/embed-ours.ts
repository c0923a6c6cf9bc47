/** @file Our side of bench/embed.ts, in a process of its own: embeds given tokens, one JSON command a line. */

import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createEmbedder } from '../src/model/embedder.ts';
import { openModelFolder } from '../src/model/folder.ts';
import { openDevice } from '../src/runtime/device.ts';
import { gemmGflops } from './support/gemm.ts';

const [modelFolder, tokensFolder, threads, precision] = process.argv.slice(2);
const started = performance.now();
const model = await openModelFolder(modelFolder);
const device = await openDevice({ device: 'cpu', threads: Number(threads) });
const embedder = await createEmbedder(device, model.config, await model.parameters(), {
  precision: precision as 'float32' | 'int8',
});

const read = <T>(name: string, view: new (buffer: ArrayBuffer) => T): T =>
  new view(new Uint8Array(readFileSync(`${tokensFolder}/${name}`)).buffer);
const lengths = read('lengths.i32', Int32Array);
const genes = read('genes.i32', Int32Array);
const values = read('values.f32', Float32Array);

async function embedAll(): Promise<Float32Array> {
  const out = new Float32Array(lengths.length * embedder.width);
  let start = 0;
  for (let cell = 0; cell < lengths.length; cell++) {
    const end = start + lengths[cell];
    const batch = {
      cells: 1,
      length: lengths[cell],
      genes: genes.subarray(start, end),
      values: values.subarray(start, end),
    };
    await embedder.embed(batch, out.subarray(cell * embedder.width, (cell + 1) * embedder.width));
    start = end;
  }
  return out;
}

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ ready: (performance.now() - started) / 1000 });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.mode === 'gemm') {
    say({ gflops: await gemmGflops(device) });
    continue;
  }
  const begin = performance.now();
  const rows = await embedAll();
  const seconds = (performance.now() - begin) / 1000;
  if (command.save !== undefined) writeFileSync(command.save, new Uint8Array(rows.buffer));
  say({ seconds, rss: process.resourceUsage().maxRSS * 1024 });
}
