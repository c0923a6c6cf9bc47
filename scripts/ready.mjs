/** @file Makes a fresh clone ready: installs dependencies and builds, each only when something changed. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const changed = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

function run(...args) {
  execFileSync(npm, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `scgpt needs Node 20.19 or newer; this is ${process.version}. Get a newer one from nodejs.org.`,
  );
  process.exit(2);
}

if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  console.error('Installing dependencies ...');
  run('ci', '--no-fund', '--no-audit'); // builds too, through `prepare`
} else {
  const newest = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
  if (changed('dist/index.js') < newest) {
    console.error('Building ...');
    run('run', '--silent', 'build');
  }
}
