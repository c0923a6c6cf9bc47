/** @file Run folders: what is saved comes back in the same bytes, damage is noticed, nothing foreign is replaced. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointError, InputError, OutputError } from '../../../../src/support/errors.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import type { MetricsRecord } from '../../../../src/train/run/metrics.ts';
import { RunFolder } from '../../../../src/train/run/run-folder.ts';
import { isWhole, progressOf, stateOf } from './states.ts';

let parent: string;
let path: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'scgpt-run-'));
  path = join(parent, 'run');
});
afterEach(() => rmSync(parent, { recursive: true }));

const config = { model: { layers: 2 }, seed: 1 };
const checkpoint = (step: number) =>
  join(path, 'checkpoints', `step-${String(step).padStart(9, '0')}.safetensors`);
const checkpoints = () => readdirSync(join(path, 'checkpoints')).sort();
const record = (step: number, split: MetricsRecord['split'] = 'train'): MetricsRecord => ({
  step,
  epoch: 1,
  seconds: step / 4,
  split,
  values: { loss: 1 / step, cellsPerSecond: 100 },
});
const metrics = () => readFileSync(join(path, 'metrics.jsonl'), 'utf8');
const eventFiles = () => readdirSync(path).filter((name) => name.includes('tfevents'));

function flipByte(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] ^= 1;
  writeFileSync(file, bytes);
}

describe('create and open', () => {
  it('keeps the settings', async () => {
    expect((await RunFolder.create(path, config)).config).toEqual(config);
    expect((await RunFolder.open(path)).config).toEqual(config);
  });

  it('starts a run in an empty folder, and refuses one with anything in it', async () => {
    mkdirSync(path);
    await RunFolder.create(path, config);
    await expect(RunFolder.create(path, config)).rejects.toThrow(/holds a run already.*--force/);
    const other = join(parent, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'config.json'), '{"format": "scgpt model"}');
    for (const force of [false, true]) {
      await expect(RunFolder.create(other, config, { force })).rejects.toThrow(/what it holds is no run/);
    }
    expect(readFileSync(join(other, 'config.json'), 'utf8')).toBe('{"format": "scgpt model"}');
    await expect(RunFolder.create(join(other, 'config.json'), config)).rejects.toThrow(
      /a file of that name exists/,
    );
    await expect(RunFolder.create(join(parent, 'no', 'run'), config)).rejects.toThrow(OutputError);
  });

  it('replaces a run when told to, and leaves what is not of the run', async () => {
    const before = await RunFolder.create(path, config);
    await before.log(record(1));
    await before.saveCheckpoint(stateOf(1));
    await before.saveBest(stateOf(1).parameters);
    writeFileSync(join(path, 'notes.txt'), 'mine');
    const run = await RunFolder.create(path, { seed: 2 }, { force: true });
    expect(readdirSync(path).sort()).toEqual(['config.json', 'notes.txt']);
    expect(await run.loadCheckpoint()).toBeNull();
    expect(await run.loadBest()).toBeNull();
    expect((await RunFolder.open(path)).config).toEqual({ seed: 2 });
  });

  it('says why a folder is no run', async () => {
    const refusal = async (what: RegExp) => {
      const error = await RunFolder.open(path).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(InputError);
      expect(String(error)).toMatch(what);
    };
    await refusal(/there is no such folder/);
    mkdirSync(path);
    await refusal(/it has no config\.json/);
    for (const text of [
      '{"format"',
      '[]',
      '{"format": "other", "config": {}}',
      '{"format": "scgpt training run 1"}',
    ]) {
      writeFileSync(join(path, 'config.json'), text);
      await refusal(/its config\.json is/);
    }
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
    await refusal(/there is no such folder/);
  });
});

describe('checkpoints', () => {
  it('come back with the same names, types, shapes, bytes and counters', async () => {
    const run = await RunFolder.create(path, config);
    expect(await run.loadCheckpoint()).toBeNull();
    for (const step of [0, 7]) {
      const state = stateOf(step);
      await run.saveCheckpoint(state);
      const loaded = await (await RunFolder.open(path)).loadCheckpoint();
      expect(loaded).toEqual(state);
      expect(loaded !== null && isWhole(loaded)).toBe(true);
      const bytes = readFileSync(checkpoint(step));
      await run.saveCheckpoint(loaded ?? state);
      expect(readFileSync(checkpoint(step)).equals(bytes)).toBe(true);
    }
  });

  it('keep the last two', async () => {
    const run = await RunFolder.create(path, config);
    for (const step of [5, 90, 1234567890]) await run.saveCheckpoint(stateOf(step));
    expect(checkpoints()).toEqual(['step-000000090.safetensors', 'step-1234567890.safetensors']);
    expect((await run.loadCheckpoint())?.progress.step).toBe(1234567890);
  });

  it('fall back to the one before when the newest is damaged anywhere, and say so', async () => {
    const run = await RunFolder.create(path, config);
    for (const step of [10, 20]) await run.saveCheckpoint(stateOf(step));
    const whole = readFileSync(checkpoint(20));
    const headerEnd = 8 + Number(whole.readBigUInt64LE(0));
    const spaces = whole.subarray(0, headerEnd).toString('latin1').trimEnd().length;
    const damages: (() => void)[] = [() => truncateSync(checkpoint(20), whole.length - 1)];
    damages.push(() => truncateSync(checkpoint(20), 0));
    damages.push(() => writeFileSync(checkpoint(20), new Uint8Array(whole.length)));
    for (let i = 0; i < spaces; i += 7) damages.push(() => flipByte(checkpoint(20), i));
    for (let i = headerEnd; i < whole.length; i += 5) damages.push(() => flipByte(checkpoint(20), i));
    for (const damage of damages) {
      writeFileSync(checkpoint(20), whole);
      damage();
      const logger = new RecordingLogger();
      const state = await (await RunFolder.open(path, { logger })).loadCheckpoint();
      expect(state).toEqual(stateOf(10));
      expect(logger.warnings.length).toBe(2);
      expect(logger.warnings[0]).toMatch(/^The checkpoint of step 20 cannot be used\. .*step-000000020/);
      expect(logger.warnings[1]).toBe('The run goes on from the checkpoint of step 10, before it.');
    }
  });

  it('go on from the one before a damaged one without losing it', async () => {
    const run = await RunFolder.create(path, config);
    for (const step of [10, 20]) await run.saveCheckpoint(stateOf(step));
    flipByte(checkpoint(20), statSync(checkpoint(20)).size - 1);
    const resumed = await RunFolder.open(path);
    await resumed.loadCheckpoint();
    await resumed.saveCheckpoint(stateOf(15));
    expect(checkpoints()).toEqual(['step-000000010.safetensors', 'step-000000015.safetensors']);
  });

  it('are not passed over in silence when all are damaged', async () => {
    const run = await RunFolder.create(path, config);
    await run.saveCheckpoint(stateOf(10));
    flipByte(checkpoint(10), 9);
    await expect(run.loadCheckpoint()).rejects.toThrow(CheckpointError);
    await expect(run.loadCheckpoint()).rejects.toThrow(/none of its checkpoints can be used/);
  });

  it('refuse counters that JSON would lose', async () => {
    const run = await RunFolder.create(path, config);
    await run.saveCheckpoint(stateOf(1));
    const progress = { ...progressOf(2), epochSums: { loss: Number.NaN } };
    const saving = run.saveCheckpoint({ ...stateOf(2), progress });
    await expect(saving).rejects.toThrow(/epochSums\.loss: .*NaN/);
    await expect(saving).rejects.toThrow(OutputError);
    expect(await run.loadCheckpoint()).toEqual(stateOf(1));
  });
});

describe('the best parameters', () => {
  it('come back, the last ones saved', async () => {
    const run = await RunFolder.create(path, config);
    expect(await run.loadBest()).toBeNull();
    for (const step of [1, 2]) await run.saveBest(stateOf(step).parameters);
    expect(await run.loadBest()).toEqual(stateOf(2).parameters);
    flipByte(join(path, 'best.safetensors'), statSync(join(path, 'best.safetensors')).size - 1);
    await expect(run.loadBest()).rejects.toThrow(/checksum/);
  });
});

describe('the log', () => {
  it('has one line a record, with keys in a fixed order', async () => {
    const run = await RunFolder.create(path, config);
    const values = { loss: 0.5, ecs: Number.NaN, dar: Number.NEGATIVE_INFINITY };
    await run.log({ values, split: 'validation', seconds: 2.5, epoch: 3, step: 4 });
    await run.log(record(5));
    expect(metrics()).toBe(
      '{"step":4,"epoch":3,"seconds":2.5,"split":"validation","values":{"dar":"-Infinity","ecs":"NaN","loss":0.5}}\n' +
        '{"step":5,"epoch":1,"seconds":1.25,"split":"train","values":{"cellsPerSecond":100,"loss":0.2}}\n',
    );
  });

  it('reads as if a resumed run had never stopped', async () => {
    const run = await RunFolder.create(path, config);
    for (const step of [1, 2]) await run.log(record(step));
    await run.saveCheckpoint(stateOf(2));
    const [events] = eventFiles();
    const [saved, savedEvents] = [metrics(), readFileSync(join(path, events))];
    await run.log(record(2, 'validation')); // of the same step, yet after the checkpoint
    for (const step of [3, 4]) await run.log(record(step));
    writeFileSync(join(path, 'metrics.jsonl'), '{"step":5,"ep', { flag: 'a' }); // killed in mid-line
    writeFileSync(join(path, events), Uint8Array.of(1, 2, 3), { flag: 'a' });

    const resumed = await RunFolder.open(path);
    await resumed.loadCheckpoint();
    await resumed.log(record(2, 'validation'));
    await resumed.log(record(3));
    expect(metrics().startsWith(saved)).toBe(true);
    const lines = metrics().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line)).map(({ step, split }) => `${split} ${step}`)).toEqual([
      'train 1',
      'train 2',
      'validation 2',
      'train 3',
    ]);
    expect(readFileSync(join(path, events)).equals(savedEvents)).toBe(true);
    expect(eventFiles().length).toBe(2);
    expect(eventFiles().sort()[0]).toBe(events); // the new file is read after the old one
  });

  it('is cut by a loaded checkpoint only when the run goes on', async () => {
    const run = await RunFolder.create(path, config);
    await run.saveCheckpoint(stateOf(1));
    await run.log(record(2));
    const before = metrics();
    const looking = await RunFolder.open(path);
    await looking.loadCheckpoint();
    expect(metrics()).toBe(before);
    await looking.saveCheckpoint(stateOf(2));
    expect(existsSync(join(path, 'metrics.jsonl'))).toBe(false);
  });

  it('starts anew when the run was killed before its first checkpoint', async () => {
    const run = await RunFolder.create(path, config);
    for (const step of [1, 2]) await run.log(record(step));
    const resumed = await RunFolder.open(path);
    expect(await resumed.loadCheckpoint()).toBeNull();
    await resumed.log(record(1));
    expect(metrics().trimEnd().split('\n').length).toBe(1);
    expect(eventFiles().length).toBe(1);
  });

  it('says in which file it could not be written', async () => {
    const run = await RunFolder.create(path, config);
    mkdirSync(join(path, 'metrics.jsonl'));
    const logging = run.log(record(1));
    await expect(logging).rejects.toThrow(OutputError);
    await expect(logging).rejects.toThrow(/metrics\.jsonl/);
  });
});
