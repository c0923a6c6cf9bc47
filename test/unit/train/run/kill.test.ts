/** @file A run whose process is killed at any moment leaves a whole checkpoint and a log that goes on from it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { RunFolder } from '../../../../src/train/run/run-folder.ts';
import { compiled } from './compiled.ts';
import { isWhole } from './states.ts';

const unfinishedIn = (path: string) =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('unfinished'));
const closed = (child: ChildProcess) => new Promise((resolve) => child.on('close', resolve));
const firstSave = (child: ChildProcess) => new Promise((resolve) => child.stdout?.once('data', resolve));

describe('a run in a process of its own', () => {
  let folder: string;
  let program: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scgpt-run-'));
    program = compiled(new URL('saving-process.ts', import.meta.url), join(folder, 'program'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('leaves a whole checkpoint whenever it is killed', async () => {
    const size = 1 << 18;
    const path = join(folder, 'killed');
    await RunFolder.create(path, { seed: 1 });
    const random = randomStream(4, 'kill');
    let killedInWrite = 0;
    let reached = 0;
    for (let round = 0; round < 12; round++) {
      const child = spawn(process.execPath, [program, path, String(size)]);
      const end = closed(child);
      await firstSave(child);
      await wait(random.uniform() * 40);
      for (let look = 0; round % 2 === 1 && look < 1000 && unfinishedIn(path).length === 0; look++)
        await wait(0);
      child.kill('SIGKILL');
      await end;
      killedInWrite += unfinishedIn(path).length;

      const logger = new RecordingLogger();
      const run = await RunFolder.open(path, { logger });
      expect(unfinishedIn(path)).toEqual([]);
      const state = await run.loadCheckpoint();
      expect(logger.warnings).toEqual([]);
      expect(state !== null && isWhole(state, size)).toBe(true);
      expect(state?.progress.step).toBeGreaterThan(reached);
      reached = state?.progress.step ?? 0;
      expect(readdirSync(join(path, 'checkpoints')).length).toBeLessThanOrEqual(3); // three between save and removal
    }
    expect(killedInWrite).toBeGreaterThan(0);

    const run = await RunFolder.open(path);
    await run.loadCheckpoint();
    await run.log({ step: reached + 1, epoch: 1, seconds: 0, split: 'train', values: {} });
    const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).step)).toEqual(Array.from(lines, (_, i) => i + 1));
    expect(lines.length).toBe(reached + 1);
  }, 60_000);

  it('keeps the checkpoint before when the disk is full', async ({ skip }) => {
    if (process.platform !== 'linux') skip('file size limits need Linux');
    const path = join(folder, 'full');
    await RunFolder.create(path, { seed: 1 });
    const before = spawn(process.execPath, [program, path, '1000']);
    const beforeEnd = closed(before);
    await firstSave(before);
    before.kill('SIGKILL');
    await beforeEnd;
    const reached = (await (await RunFolder.open(path)).loadCheckpoint())?.progress.step;

    const command = ['-c', 'ulimit -f 200; exec "$@"', 'bash', process.execPath, program, path, '300000'];
    const child = spawn('bash', command);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    expect(await closed(child)).toBe(1);
    expect(stderr).toMatch(/OutputError: .*the checkpoint of step \d+ could not be saved: the disk is full/);
    expect(unfinishedIn(path)).toEqual([]);
    const state = await (await RunFolder.open(path)).loadCheckpoint();
    expect(state?.progress.step).toBe(reached);
    expect(state !== null && isWhole(state, 1000)).toBe(true);
  });
});
