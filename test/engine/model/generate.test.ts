/** @file Generation in steps: one step is the forward pass, more let later genes read earlier ones; and refusals. */

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createGenerator,
  type ExpressionGenerator,
  type GeneratedExpression,
} from '../../../src/model/generate.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';
import { type ModelCase, readCase } from './fixture.ts';
import { cellOf, farthest, forward, generativeCases, realTokens, rowOf } from './generative-case.ts';

needsNativeRuntime();

const open: ExpressionGenerator[] = [];
afterEach(async () => {
  for (const generator of open.splice(0)) await generator.dispose();
});

async function generatorOf(fixture: ModelCase, threads = 2): Promise<ExpressionGenerator> {
  const device = await openDevice({ device: 'cpu', threads });
  const generator = createGenerator(device, fixture.config, fixture.state);
  open.push(generator);
  return generator;
}

interface Cell {
  readonly genes: Int32Array;
  readonly values: Float32Array;
  readonly wanted: Int32Array;
}

function requestOf(fixture: ModelCase, cell: number): Cell {
  const { knownGenes, knownValues, unknownGenes } = cellOf(fixture, cell);
  return {
    genes: knownGenes.data as Int32Array,
    values: knownValues.data as Float32Array,
    wanted: unknownGenes.data as Int32Array,
  };
}

const row = (data: Int32Array | Float32Array): Tensor =>
  ({ dtype: data instanceof Int32Array ? 'int32' : 'float32', shape: [1, data.length], data }) as Tensor;

/** One forward pass over known and wanted genes, prompted where an embedding is given. */
async function onePass(
  fixture: ModelCase,
  { genes, values, wanted }: Cell,
  embedding?: Float32Array,
): Promise<Float32Array> {
  const feeds = { knownGenes: row(genes), knownValues: row(values), unknownGenes: row(wanted) };
  const made = await forward(
    fixture,
    embedding === undefined ? feeds : { ...feeds, cell: row(embedding) },
    ({ expressionUnknown }) => ({ values: expressionUnknown.value }),
    { sizes: 'named', prompted: embedding !== undefined },
  );
  return made.values.data as Float32Array;
}

/** All genes of the vocabulary but its three special tokens and those given. */
function otherGenes({ config }: ModelCase, genes: Int32Array): Int32Array {
  return Int32Array.from({ length: config.vocabularySize - 3 }, (_, gene) => gene).filter(
    (gene) => !genes.includes(gene),
  );
}

/** The steps by plain forward passes: what the generator must give. */
async function stepByStep(
  fixture: ModelCase,
  { genes, values, wanted }: Cell,
  steps: number,
  embedding?: Float32Array,
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  let known = { genes: Array.from(genes), values: Array.from(values) };
  for (let left = Math.min(steps, wanted.length); left > 0; left--) {
    const unknown = wanted.filter((gene) => !found.has(gene));
    const cell = {
      genes: Int32Array.from(known.genes),
      values: Float32Array.from(known.values),
      wanted: unknown,
    };
    const predicted = await onePass(fixture, cell, embedding);
    const ranked = Array.from(unknown, (gene, i) => ({ gene, value: predicted[i] }));
    ranked.sort((a, b) => b.value - a.value);
    const taken = ranked.slice(0, Math.ceil(unknown.length / left));
    for (const { gene, value } of taken) found.set(gene, value);
    known = {
      genes: [...known.genes, ...taken.map(({ gene }) => gene)],
      values: [...known.values, ...taken.map(({ value }) => value)],
    };
  }
  return found;
}

describe.each(generativeCases)('from the genes of %s', (name) => {
  it('gives the reference’s predictions in one step, and exactly the forward pass', async () => {
    const fixture = await readCase(name);
    const generator = await generatorOf(fixture);
    const expected = fixture.tensor('out/gen_preds');
    for (let cell = 0; cell < expected.shape[0]; cell++) {
      const request = requestOf(fixture, cell);
      const { values, steps } = await generator.generateFromGenes({ ...request, steps: 1 });
      expect(values).toEqual(await onePass(fixture, request));
      const reference = rowOf<Float32Array>(expected, cell, realTokens(fixture.tensor('valid_gen'), cell));
      expect(farthest(values, reference), `cell ${cell}`).toBeLessThanOrEqual(fixture.tolerance('gen_preds'));
      expect(steps.every((step) => step === 0)).toBe(true);
    }
  });

  it('gives in several steps what forward passes one after the other give', async () => {
    const fixture = await readCase(name);
    const generator = await generatorOf(fixture);
    const prompt = requestOf(fixture, 0);
    const request = { ...prompt, wanted: otherGenes(fixture, prompt.genes) };
    for (const steps of [2, 5]) {
      const generated = await generator.generateFromGenes({ ...request, steps });
      const expected = await stepByStep(fixture, request, steps);
      expect(generated.values).toEqual(
        Float32Array.from(request.wanted, (gene) => Number(expected.get(gene))),
      );
      expect(Math.max(...generated.steps)).toBe(steps - 1);
    }
  });
});

describe('from a cell embedding', () => {
  it('gives the reference’s second pass where <cls> alone is known', async () => {
    const fixture = await readCase('generative-pretraining');
    const cell = 5; // <cls> alone
    const { wanted, genes } = requestOf(fixture, cell);
    expect(genes).toHaveLength(1);
    const generator = await generatorOf(fixture);
    const embedding = rowOf<Float32Array>(fixture.tensor('out/cell_emb'), cell);
    const { values } = await generator.generateFromCell({ cell: embedding, wanted, steps: 1 });
    const reference = rowOf<Float32Array>(fixture.tensor('out/second.gen_preds'), cell, wanted.length);
    expect(farthest(values, reference)).toBeLessThanOrEqual(fixture.tolerance('second.gen_preds'));
  });

  it('keeps the embedding in the place of <cls> in later steps', async () => {
    const fixture = await readCase('generative-pretraining');
    const { genes, values } = requestOf(fixture, 5);
    const wanted = otherGenes(fixture, genes);
    const cell = rowOf<Float32Array>(fixture.tensor('out/cell_emb'), 0);
    const generator = await generatorOf(fixture);
    const generated = await generator.generateFromCell({ cell, wanted, steps: 4 });
    const expected = await stepByStep(fixture, { genes, values, wanted }, 4, cell);
    expect(generated.values).toEqual(Float32Array.from(wanted, (gene) => Number(expected.get(gene))));
    const other = rowOf<Float32Array>(fixture.tensor('out/cell_emb'), 1);
    const changed = await generator.generateFromCell({ cell: other, wanted, steps: 4 });
    expect(changed.values).not.toEqual(generated.values);
  });
});

describe('in any number of steps', () => {
  it('gives every wanted gene one value, in equal shares, the largest of each step first', async () => {
    const fixture = await readCase('generative-pretraining-no-pad');
    const generator = await generatorOf(fixture);
    const { genes, values } = requestOf(fixture, 2);
    const others = Array.from(otherGenes(fixture, genes));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(others), fc.integer({ min: 1, max: 60 }), async (some, steps) => {
        const wanted = Int32Array.from(some);
        const generated = await generator.generateFromGenes({ genes, values, wanted, steps });
        expect(generated.values).toHaveLength(wanted.length);
        expect(generated.values.every(Number.isFinite)).toBe(true);
        const shares = sharesOf(generated);
        expect(shares.reduce((total, share) => total + share, 0)).toBe(wanted.length);
        expect(shares).toHaveLength(Math.min(steps, wanted.length));
        if (shares.length > 0) expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        // The first step's choice is checked against one step over everything.
        const once = await generator.generateFromGenes({ genes, values, wanted, steps: 1 });
        const first = once.values.filter((_, i) => generated.steps[i] === 0);
        const later = once.values.filter((_, i) => generated.steps[i] > 0);
        if (first.length > 0 && later.length > 0) {
          expect(Math.min(...first)).toBeGreaterThanOrEqual(Math.max(...later));
        }
        expect(generated.values.filter((_, i) => generated.steps[i] === 0)).toEqual(first);
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('gives the same bytes every time, with any number of threads', async () => {
    const fixture = await readCase('generative-pretraining');
    const { genes, values } = requestOf(fixture, 0);
    const wanted = otherGenes(fixture, genes);
    const results: GeneratedExpression[] = [];
    for (const threads of [1, 1, 2]) {
      const generator = await generatorOf(fixture, threads);
      results.push(await generator.generateFromGenes({ genes, values, wanted, steps: 7 }));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('changes neither its inputs nor, in one step, a gene’s value when others are wanted too', async () => {
    const fixture = await readCase('generative-pretraining');
    const generator = await generatorOf(fixture);
    const { genes, values } = requestOf(fixture, 0);
    const wanted = otherGenes(fixture, genes);
    const copies = [genes.slice(), values.slice(), wanted.slice()];
    const all = await generator.generateFromGenes({ genes, values, wanted, steps: 1 });
    await generator.generateFromGenes({ genes, values, wanted, steps: 3 });
    expect([genes, values, wanted]).toEqual(copies);
    const alone = await generator.generateFromGenes({ genes, values, wanted: wanted.slice(3, 4), steps: 1 });
    expect(alone.values[0]).toBeCloseTo(all.values[3], 5);
  });
});

/** How many genes each step gave. */
function sharesOf({ steps }: GeneratedExpression): number[] {
  const shares: number[] = [];
  for (const step of steps) shares[step] = (shares[step] ?? 0) + 1;
  return shares;
}

describe('bad input', () => {
  it('is refused with what is wrong', async () => {
    const fixture = await readCase('generative-pretraining');
    const generator = await generatorOf(fixture);
    const good = { ...requestOf(fixture, 0), steps: 2 };
    const [known] = good.genes;
    const fails = (change: Partial<typeof good>, message: RegExp) =>
      expect(generator.generateFromGenes({ ...good, ...change })).rejects.toThrow(message);
    await fails({ steps: 0 }, /steps is 0/);
    await fails({ steps: 1.5 }, /steps is 1.5/);
    await fails({ genes: Int32Array.of(), values: Float32Array.of() }, /0 known genes with 0 values/);
    await fails({ values: good.values.slice(1) }, /9 known genes with 8 values/);
    await fails({ values: good.values.with(3, Number.NaN) }, /value at 3 is NaN/);
    await fails({ wanted: Int32Array.of(60) }, /gene id 60 is outside the model.*0 to 59/);
    await fails({ genes: good.genes.with(1, -1) }, /gene id -1 is outside/);
    await fails({ wanted: Int32Array.of(good.wanted[0], good.wanted[0]) }, /given twice/);
    await fails({ wanted: Int32Array.of(known) }, /given twice.*none both known and wanted/);

    const { wanted } = good;
    const width = fixture.config.embeddingSize;
    await expect(generator.generateFromCell({ cell: new Float32Array(3), wanted, steps: 1 })).rejects.toThrow(
      /3 numbers.*32/,
    );
    const broken = new Float32Array(width).fill(Number.POSITIVE_INFINITY, 4, 5);
    await expect(generator.generateFromCell({ cell: broken, wanted, steps: 1 })).rejects.toThrow(
      /embedding at 4 is Infinity/,
    );
  });

  it('is nothing wanted, which gives nothing', async () => {
    const fixture = await readCase('generative-pretraining');
    const generator = await generatorOf(fixture);
    const generated = await generator.generateFromGenes({
      ...requestOf(fixture, 0),
      wanted: Int32Array.of(),
      steps: 3,
    });
    expect(generated.values).toHaveLength(0);
  });

  it('is a model that was not pre-trained generatively', async () => {
    const fixture = await readCase('generative-pretraining');
    const device = await openDevice({ device: 'cpu' });
    const config = { ...fixture.config, architecture: 'standard' } as const;
    expect(() => createGenerator(device, config, fixture.state)).toThrow(/architecture standard/);
  });
});
