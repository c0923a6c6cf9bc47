/** @file Puts a benchmark's table into the README, between the comments that bear its name. */

import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function updateReadme(name: string, text: string): void {
  const readme = readFileSync('README.md', 'utf8');
  const section = new RegExp(`(<!-- bench:${name} -->\n)[\\s\\S]*?(<!-- /bench:${name} -->)`);
  if (!section.test(readme)) throw new Error(`README.md has no section bench:${name}`);
  writeFileSync(
    'README.md',
    readme.replace(section, (_, begin, end) => `${begin}${text}\n${end}`),
  );
}
