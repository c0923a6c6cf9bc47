/** @file Random models have the fixtures' weights, a real vocabulary, and say that they are random. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomParameters, writeRandomModel } from '../../../scripts/make-random-model.ts';
import { modelConfig } from '../../../src/model/config.ts';
import { openModelFolder } from '../../../src/model/folder.ts';
import { fixtureJson } from '../model/fixture.ts';

interface Case {
  readonly weights: {
    readonly parameters: readonly { readonly name: string; readonly shape: number[] }[];
    readonly check: readonly {
      readonly name: string;
      readonly first_three: number[];
      readonly last: number;
    }[];
  };
}

const scratch = mkdtempSync(join(tmpdir(), 'scgpt-random-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a random model', () => {
  it('has the weights of the fixtures’ formula', () => {
    const { weights } = fixtureJson<Case>('big-shape/case.json');
    const config = modelConfig({ vocabularySize: 300, layers: 2, classes: 5 });
    const parameters = randomParameters(config);
    const shapes = [...parameters].map(([name, { shape }]) => [name, shape] as const);
    expect(new Map(shapes)).toEqual(new Map(weights.parameters.map(({ name, shape }) => [name, shape])));
    expect(weights.check.length).toBeGreaterThan(5);
    for (const { name, first_three, last } of weights.check) {
      const data = parameters.get(name)!.data as Float32Array;
      expect([...data.subarray(0, 3), data[data.length - 1]]).toEqual([...first_three, last]);
    }
  });

  for (const format of ['official', 'scgpt'] as const) {
    it(`opens in the ${format} layout, marked as untrained`, async () => {
      const folder = join(scratch, format);
      await writeRandomModel(folder, {
        format,
        genes: 97,
        layers: 1,
        embeddingSize: 16,
        hiddenSize: 8,
        heads: 2,
      });
      const model = await (await openModelFolder(folder)).load();
      expect(model).toMatchObject({
        kind: format,
        trained: false,
        config: { vocabularySize: 100, layers: 1 },
      });
      expect(model.vocabulary).toMatchObject({ size: 100, pad: 97, cls: 98, eoc: 99 });
      expect(model.vocabulary.tokens[0]).toBe('A1BG');
      expect(model.report).toMatchObject({ missing: [], unused: [] });
    });
  }
});
