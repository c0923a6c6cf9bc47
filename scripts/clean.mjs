/** @file Removes the named build folders, so that a deleted source leaves nothing behind. */

import { rmSync } from 'node:fs';

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
