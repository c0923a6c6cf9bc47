/** @file Makes `npx scgpt` in a clone run the program that was just built, as an installed package does. */

import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

const program = 'dist/cli/main.js';
if (process.platform !== 'win32' && existsSync('node_modules')) {
  chmodSync(program, 0o755);
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync('node_modules/.bin/scgpt', { force: true });
  symlinkSync(`../../${program}`, 'node_modules/.bin/scgpt');
}
