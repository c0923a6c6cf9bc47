/** @file Builds the command line before its tests, when the sources are newer. */

import { execFileSync } from 'node:child_process';

export function setup(): void {
  execFileSync(process.execPath, ['scripts/ready.mjs'], { stdio: 'inherit' });
}
