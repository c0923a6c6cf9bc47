/** @file The house rules that no compiler checks: layers import downward only, ONNX Runtime has one room, files say what they are. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'src');

/** Top to bottom: a layer may import from itself and from those after it. */
const layers = [
  'cli',
  'tasks',
  'report',
  'analysis',
  'train',
  'model',
  'nn',
  'runtime',
  'graph',
  'single-cell',
  'support',
];

/** Packages that belong to one layer only, so that replacing one touches one room. */
const owners: Record<string, string[]> = {
  'onnxruntime-node': ['runtime'],
  'onnxruntime-web': ['runtime'],
  'onnxruntime-common': ['runtime'],
  h5wasm: ['single-cell'],
  zarrita: ['single-cell'],
  'scran.js': ['analysis'],
  usearch: ['analysis'],
  commander: ['cli'],
};

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(source, name));

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/(?:^|[\s;])(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?['"]([^'"]+)['"]/g);
  const calls = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [...statements, ...calls].map((match) => match[1]);
}

function layerOf(file: string): string | undefined {
  const first = relative(source, file).split(sep)[0];
  return layers.includes(first) ? first : undefined;
}

describe('architecture', () => {
  it('puts every source file in a known layer, or is the public API', () => {
    const strays = files.filter((file) => layerOf(file) === undefined).map((file) => relative(source, file));
    expect(strays).toEqual(['index.ts']);
  });

  it('imports downward only', () => {
    const upward: string[] = [];
    for (const file of files) {
      const from = layerOf(file);
      if (from === undefined) continue;
      for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
        const target = join(dirname(file), specifier);
        const to = layerOf(target);
        if (to === undefined || layers.indexOf(to) < layers.indexOf(from)) {
          upward.push(`${relative(source, file)} -> ${specifier}`);
        }
      }
    }
    expect(upward).toEqual([]);
  });

  it('keeps each third-party engine in its own layer', () => {
    const outside: string[] = [];
    for (const file of files) {
      for (const specifier of importsOf(file)) {
        const name = Object.keys(owners).find(
          (owner) => specifier === owner || specifier.startsWith(`${owner}/`),
        );
        if (name !== undefined && !owners[name].includes(layerOf(file) ?? '')) {
          outside.push(`${relative(source, file)} -> ${specifier}`);
        }
      }
    }
    expect(outside).toEqual([]);
  });

  it('opens every file with a sentence that says what it is', () => {
    const silent = files.filter(
      (file) => !/^(#![^\n]*\n)?\/\*\*\s*(\n \* )?@file \S/.test(readFileSync(file, 'utf8')),
    );
    expect(silent.map((file) => relative(source, file))).toEqual([]);
  });

  it('keeps files short enough to hold in the head', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 400);
    expect(long.map((file) => relative(source, file))).toEqual([]);
  });
});
