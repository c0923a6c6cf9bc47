/** @file A process under measurement that answers one JSON line per JSON command. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An answer of a peer. */
export type Answer = Readonly<Record<string, number | string>>;

export class Peer {
  readonly name: string;
  private readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private complaints = '';

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr?.on('data', (text) => {
      this.complaints = (this.complaints + text).slice(-4000);
    });
    this.lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  /** The next line the peer prints. */
  async answer(): Promise<Answer> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.name} ended: ${this.complaints}`);
    return JSON.parse(value);
  }

  ask(command: Answer): Promise<Answer> {
    this.process.stdin?.write(`${JSON.stringify(command)}\n`);
    return this.answer();
  }

  close(): void {
    this.process.stdin?.end();
  }
}
