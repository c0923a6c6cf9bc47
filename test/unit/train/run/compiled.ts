/** @file Compiles a TypeScript program and what it imports, so that Node can run it in a process of its own. */

import { symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Compiles into a folder, without checking types, and gives the path of the program there. */
export function compiled(source: URL, outDir: string): string {
  const path = fileURLToPath(source);
  const program = ts.createProgram([path], {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    rewriteRelativeImportExtensions: true,
    noCheck: true,
    types: [],
    rootDir: root,
    outDir,
  });
  program.emit();
  symlinkSync(join(root, 'node_modules'), join(outDir, 'node_modules'));
  writeFileSync(join(outDir, 'package.json'), '{ "type": "module" }');
  return join(outDir, relative(root, path).replace(/\.ts$/, '.js'));
}
