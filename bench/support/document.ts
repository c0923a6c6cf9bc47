/** @file Puts a benchmark's table into a document, between the comments that bear its name. */

import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces what stands between `<!-- bench:name -->` and `<!-- /bench:name -->` in a Markdown file. */
export function updateDocument(path: string, name: string, text: string): void {
  const document = readFileSync(path, 'utf8');
  const section = new RegExp(`(<!-- bench:${name} -->\\n)[\\s\\S]*?(<!-- /bench:${name} -->)`);
  if (!section.test(document)) throw new Error(`${path} has no section bench:${name}`);
  writeFileSync(
    path,
    document.replace(section, (_, begin, end) => `${begin}${text}\n${end}`),
  );
}
