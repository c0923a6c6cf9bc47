/** @file The log of a run in its folder: `metrics.jsonl` for programs, event files for TensorBoard. Node only. */

import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFailure } from '../../support/write-file.ts';
import { appendRecord, namesIn, syncedSize, syncFolder } from './files-on-disk.ts';
import type { LogPosition } from './log-position.ts';
import { type MetricsRecord, metricsLine } from './metrics.ts';
import { fileHeader, scalars, sessionStarted } from './tensorboard.ts';

const metricsName = 'metrics.jsonl';
/** TensorBoard knows its files by `tfevents`, reads them in the order of their names, and expects seconds there. */
const eventsName = /^events\.out\.tfevents\.(\d{10})\.scgpt$/;

/** Whether a file of a run folder belongs to its log. */
export function isLogFile(name: string): boolean {
  return name === metricsName || eventsName.test(name);
}

/** Appends to the log of a run. One at a time: await each call before the next. */
export class RunLog {
  private readonly folder: string;
  /** The event file of this process; every process starts one of its own. */
  private events: string | undefined;
  /** The step after the one the log was cut to, once it was. */
  private resumedFrom: number | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws OutputError when the disk is full; no half record is left. */
  async append(record: MetricsRecord): Promise<void> {
    const now = Date.now() / 1000;
    this.events ??= await this.startEvents(now);
    await appendRecord(join(this.folder, metricsName), metricsLine(record));
    await appendRecord(join(this.folder, this.events), scalars(now, record));
  }

  /** Makes sure that the log is on the disk, and tells how far it has come. */
  async position(): Promise<LogPosition> {
    const sizes: Record<string, number> = {};
    for (const name of await this.names()) sizes[name] = await syncedSize(join(this.folder, name));
    await syncFolder(this.folder);
    return sizes;
  }

  /**
   * Cuts off what was logged after a position, so that a run resumed there logs it anew.
   *
   * @param step optimiser steps done at the position
   */
  async cut(position: LogPosition, step: number): Promise<void> {
    for (const name of await this.names()) {
      const path = join(this.folder, name);
      const size = position[name];
      try {
        if (size === undefined) await rm(path);
        else if ((await syncedSize(path)) > size) await truncate(path, size);
      } catch (cause) {
        throw writeFailure(path, cause);
      }
    }
    this.resumedFrom = step + 1;
  }

  private async names(): Promise<string[]> {
    return (await namesIn(this.folder)).filter(isLogFile);
  }

  /** Makes an event file whose name sorts behind all before it, even when the clock was set back. */
  private async startEvents(now: number): Promise<string> {
    const before = (await this.names()).map((name) => Number(eventsName.exec(name)?.[1] ?? 0));
    const seconds = Math.max(Math.floor(now), ...before.map((second) => second + 1));
    const name = `events.out.tfevents.${String(seconds).padStart(10, '0')}.scgpt`;
    await appendRecord(join(this.folder, name), fileHeader(now));
    if (this.resumedFrom !== undefined) {
      await appendRecord(join(this.folder, name), sessionStarted(now, this.resumedFrom));
    }
    return name;
  }
}
