/** @file Lets compiled benchmarks and scripts in .build find the package's data where the sources do. */

import { existsSync, symlinkSync } from 'node:fs';

for (const folder of ['data', 'models', 'demo']) {
  if (!existsSync(`.build/${folder}`)) symlinkSync(`../${folder}`, `.build/${folder}`, 'junction');
}
