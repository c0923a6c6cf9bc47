/** @file What a person sees on stderr while a command runs: messages and one line of progress. */

import type { Logger } from '../support/log.ts';
import type { Progress, ProgressListener } from '../support/progress.ts';

/** How much is shown. */
export interface Verbosity {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** `m:ss`, or `h:mm:ss` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A progress bar of `width` characters. */
export function bar(fraction: number, width = 24): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** Writes messages and progress to stderr; progress redraws one line on a terminal and prints every 10 s elsewhere. */
export class Terminal implements Logger {
  private readonly stream: NodeJS.WriteStream;
  private readonly verbosity: Verbosity;
  private readonly live: boolean;
  private stage = '';
  private stageStart = 0;
  private lastDrawn = 0;
  private drawn = false;

  constructor(verbosity: Verbosity, stream: NodeJS.WriteStream = process.stderr) {
    this.stream = stream;
    this.verbosity = verbosity;
    this.live = stream.isTTY === true;
  }

  debug(message: string): void {
    if (this.verbosity.verbose) this.line(message);
  }

  info(message: string): void {
    if (!this.verbosity.quiet) this.line(message);
  }

  warning(message: string): void {
    this.line(`warning: ${message}`);
  }

  readonly onProgress: ProgressListener = (progress) => {
    if (this.verbosity.quiet) return;
    const now = performance.now();
    if (progress.stage !== this.stage) {
      this.stage = progress.stage;
      this.stageStart = now;
      this.lastDrawn = this.live ? 0 : now;
    }
    const finished = progress.done >= progress.total;
    if (finished && !this.live && now - this.stageStart < 1000) return; // a log needs no word of it
    if (!finished && now - this.lastDrawn < (this.live ? 100 : 10_000)) return;
    this.lastDrawn = now;
    const text = this.progressText(progress, (now - this.stageStart) / 1000);
    if (this.live) {
      this.stream.write(`\r\x1b[2K${text.slice(0, (this.stream.columns ?? 100) - 1)}`);
      this.drawn = true;
      if (finished) this.endLine();
    } else this.stream.write(`${text}\n`);
  };

  /** Moves below a half-drawn progress line. */
  endLine(): void {
    if (this.drawn) this.stream.write('\n');
    this.drawn = false;
  }

  private line(message: string): void {
    if (this.drawn) this.stream.write('\r\x1b[2K');
    this.drawn = false;
    this.stream.write(`${message}\n`);
  }

  private progressText(progress: Progress, elapsed: number): string {
    const { stage, done, total, unit, before = 0, note = '' } = progress;
    const rate = elapsed > 0 ? (done - before) / elapsed : 0;
    const speed = rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3);
    const left =
      done >= total ? `took ${clock(elapsed)}` : rate > 0 ? `${clock((total - done) / rate)} left` : '';
    const drawing = this.live ? `${bar(total === 0 ? 1 : done / total)} ` : '';
    const parts = [rate > 0 ? `${speed} ${unit}/s` : '', note, left].filter((part) => part !== '');
    return `${stage} ${drawing}${done}/${total} ${unit}  ${parts.join('  ')}`;
  }
}
