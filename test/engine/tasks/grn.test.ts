/** @file Gene programs and regulators' targets from files to files, on the bundled model. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { grnProgramsText, grnTargetsText } from '../../../src/cli/grn-text.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { geneProgramFiles } from '../../../src/tasks/grn/programs-files.ts';
import { regulatorTargetFiles } from '../../../src/tasks/grn/targets-files.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const kang = fileURLToPath(new URL('../../../../shared/data/kang_ifnb_2k.h5ad', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'grn-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach((context) => {
  if (!existsSync(kang)) context.skip('needs ../shared/data/kang_ifnb_2k.h5ad');
});

const programs = {
  source: 'combined',
  genes: 300,
  cells: 60,
  neighbours: 10,
  resolution: 3,
  threshold: 2,
  permutations: 49,
  seed: 0,
} as const;

describe('programs', () => {
  it('are written with scores, sets and network, the same again', async () => {
    const sets = join(folder, 'sets.gmt');
    writeFileSync(
      sets,
      'IFN\t\tISG15\tIFI6\tIFIT1\tIFIT3\tMX1\tISG20\tIFITM3\tLY6E\tIFIT2\tCXCL10\tCXCL11\tRSAD2\tOAS1\tTNFSF10\tIFITM2\tCCL8\tAPOBEC3A\tIDO1\nOTHER\t\tA\tB\n',
    );
    const output = join(folder, 'programs');
    const done = await geneProgramFiles(kang, { ...programs, output, geneSets: sets });
    expect(done.ours.programs).toBeGreaterThan(3);
    expect(done.ours.cohesive).toBeGreaterThan(done.ours.programs / 2);
    expect(done.baselines.map(({ name }) => name)).toEqual(['co-expression', 'PCA loadings']);
    for (const baseline of done.baselines) {
      expect(Math.abs(baseline.programs - done.ours.programs)).toBeLessThanOrEqual(5);
    }
    expect(done.universe).toMatchObject({ genes: done.genes, setsTested: 1 });
    expect(done.ours.setsByBonferroni).toBe(1);
    const written = await openData(join(output, 'cells.h5ad'));
    const scores = written.obsm.get('X_scgpt_programs');
    expect(scores).toMatchObject({ shape: [done.cells, done.ours.programs] });
    expect(written.uns.has('scgpt_programs')).toBe(true);
    await written.close();
    expect(readFileSync(join(output, 'network.graphml'), 'utf8')).toContain('edgedefault="undirected"');
    expect(grnProgramsText(done)).toContain('universe');

    const again = await geneProgramFiles(kang, {
      ...programs,
      output: join(folder, 'again'),
      geneSets: sets,
    });
    expect(again.programs).toEqual(done.programs);
  }, 120_000);

  it('refuse gene sets of other genes', async () => {
    const sets = join(folder, 'foreign.gmt');
    writeFileSync(sets, 'YEAST\t\tYAL001C\tYAL002W\n');
    const output = join(folder, 'foreign');
    await expect(
      geneProgramFiles(kang, { ...programs, source: 'tokens', output, geneSets: sets }),
    ).rejects.toThrow('shares 0 genes');
    expect(existsSync(output)).toBe(false);
  }, 120_000);
});

describe('targets', () => {
  const settings = {
    genes: 120,
    cells: 12,
    top: 5,
    asPublished: false,
    permutations: 49,
    seed: 0,
  } as const;

  it('are ranked in all cells, unknown regulators told', async () => {
    const output = join(folder, 'targets');
    const done = await regulatorTargetFiles(kang, { ...settings, output, regulators: ['STAT1', 'NOPE'] });
    expect(done.regulators).toEqual(['STAT1']);
    expect(done.warnings.join()).toContain('NOPE');
    expect(done.targets.length).toBe(5);
    for (const { attention, p } of done.targets) {
      expect(attention[0]).toBeGreaterThanOrEqual(0);
      expect(attention[0]).toBeLessThan(1);
      expect(p[0]).toBeGreaterThan(0);
    }
    expect(readFileSync(join(output, 'network.graphml'), 'utf8')).toContain('edgedefault="directed"');
    expect(grnTargetsText(done)).toContain('Attention has no sign');
  }, 120_000);

  it('are compared between two conditions, the other way round with the other sign', async () => {
    const data = await openData(kang);
    const column = [...data.obs.columns.keys()].find((name) => new Set(data.obs.strings(name)).size === 2);
    if (column === undefined) throw new Error('the data have no column of two groups');
    const [a, b] = [...new Set(data.obs.strings(column))] as [string, string];
    await data.close();
    const run = (compare: readonly string[], output: string, asPublished = false) =>
      regulatorTargetFiles(kang, {
        ...settings,
        asPublished,
        output: join(folder, output),
        regulators: ['STAT1'],
        groupBy: column,
        compare,
      });
    const [forth, back] = [await run([a, b], 'forth'), await run([b, a], 'back')];
    expect(back.targets.map(({ target }) => target)).toEqual(forth.targets.map(({ target }) => target));
    forth.targets.forEach(({ difference }, i) => {
      expect(back.targets[i].difference).toBeCloseTo(-(difference as number), 6);
    });
    const published = await run([a, b], 'published', true);
    expect(published.targets[0].attention).not.toEqual(forth.targets[0].attention);
    await expect(run([a, 'nowhere'], 'bad')).rejects.toThrow("no cell is 'nowhere'");
  }, 240_000);

  it.each([
    ['no regulator is known', { regulators: ['NOPE'] }, 'none of these genes'],
    ['a column is missing', { regulators: ['STAT1'], groupBy: 'nowhere' }, 'nowhere'],
    [
      'nothing tells conditions',
      { regulators: ['STAT1'], compare: ['a', 'b'] },
      'no column tells conditions',
    ],
    ['the model has no such layer', { regulators: ['STAT1'], modelLayer: 99 }, 'layer 99'],
  ])(
    'are refused where %s',
    async (_, wrong, message) => {
      const output = join(folder, 'refused');
      await expect(regulatorTargetFiles(kang, { ...settings, output, ...wrong })).rejects.toThrow(message);
      expect(existsSync(output)).toBe(false);
    },
    120_000,
  );
});
