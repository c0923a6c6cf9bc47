/** @file Runs the built command line as a user does. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a finished command left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `scgpt` in a folder. */
export function start(args: readonly string[], cwd: string, shellPrefix?: string): ChildProcess {
  if (shellPrefix === undefined) return spawn(process.execPath, [program, ...args], { cwd });
  return spawn('bash', ['-c', `${shellPrefix} exec "$@"`, 'bash', process.execPath, program, ...args], {
    cwd,
  });
}

/** Waits for a started command. */
export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

/** Runs `scgpt` to its end. */
export function scgpt(args: readonly string[], cwd: string): Promise<Finished> {
  return finished(start(args, cwd));
}
