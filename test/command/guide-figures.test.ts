/**
 * @file The guides' figures: made by the commands that the guides show, on bundled cells or shared data, and still what
 * these make.
 *
 * Training differs in its last bits between processors, so figures are compared by their words, but for names of genes:
 * which are named hangs on numbers. SCGPT_FIGURES=write puts what was made into docs/figures.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { categorical, DataFrame } from '../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { scgpt } from './run.ts';

const demo = fileURLToPath(new URL('../../demo/pbmc_three_sources.h5ad', import.meta.url));
const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const guides = fileURLToPath(new URL('../../docs/', import.meta.url));
let folder: string;

/** Some of the demonstration's cells, by their number among those of their batch. */
async function writeCells(name: string, wanted: (batch: string, place: number) => boolean): Promise<void> {
  const data = await openData(demo);
  const seen = new Map<string, number>();
  const rows = data.obs.strings('batch').flatMap((batch, row) => {
    const place = seen.get(String(batch)) ?? 0;
    seen.set(String(batch), place + 1);
    return wanted(String(batch), place) ? [row] : [];
  });
  const some = subsetObs(data, Int32Array.from(rows));
  const obs = new DataFrame(some.obs.index, [
    ['batch', categorical(some.obs.strings('batch'))],
    ['cell_type', categorical(some.obs.strings('cell_type_broad'))],
  ]);
  const X = some.X && (await inMemory(some.X));
  await writeH5ad(new AnnData({ obs, var: new DataFrame(some.var.index), X }), join(folder, name), {});
  await data.close();
}

/** Every fourth cell of a screen. */
async function writeScreen(name: string): Promise<void> {
  const data = await openData(join(shared, name));
  const rows = Int32Array.from({ length: Math.ceil(data.nObs / 4) }, (_, row) => 4 * row);
  await writeH5ad(subsetObs(data, rows), join(folder, 'screen.h5ad'), {});
  await data.close();
}

/** What a figure says, numbers and names of genes left out. */
function words(svg: string): string[] {
  const texts = Array.from(svg.matchAll(/<text[^>]*>(.*?)<\/text>/gs), ([, inner]) =>
    inner.replaceAll(/<[^>]*>/g, ' '),
  );
  const found = texts.flatMap((text) => text.split(/\s+/)).filter((word) => /[a-z]/.test(word));
  return [...new Set(found)].sort();
}

const query = ['query.h5ad', '--reference', 'reference.h5ad', '--label', 'cell_type', '--truth', 'cell_type'];
interface GuideRun {
  readonly guide: string;
  readonly command: readonly string[];
  /** Options that make it quick. */
  readonly quick: readonly string[];
  readonly figures: readonly string[];
  /** A file of the shared data that it needs. */
  readonly needs?: string;
}

const screen = 'papalexi_eccite_thp1.h5ad';
const cite = 'pbmc_eccite_adt.h5ad';
const blood = ['blood.h5ad', '--group-by', 'cell_type'];
const runs: readonly GuideRun[] = [
  {
    guide: 'integration',
    command: ['integrate', 'blood.h5ad', '--batch-key', 'batch', '--label-key', 'cell_type'],
    quick: ['-o', 'integrated.h5ad', '--epochs', '3', '--threads', '1'],
    figures: ['cells-by-batch', 'clusters-by-batch', 'scores'],
  },
  {
    guide: 'annotation',
    command: ['annotate', ...query],
    quick: ['-o', 'annotated.h5ad', '--epochs', '6', '--threads', '1'],
    figures: ['cells-by-cell-type-predicted', 'labels-confusion', 'labels-methods'],
  },
  {
    guide: 'mapping',
    command: ['map', ...query],
    quick: ['-o', 'mapped.h5ad', '--threads', '1'],
    figures: ['both-sides-by-side', 'labels-1-scores'],
  },
  {
    guide: 'evaluation',
    command: ['evaluate', 'integrated.h5ad', '--batch-key', 'batch', '--label-key', 'cell_type'],
    quick: [],
    figures: ['embeddings'],
  },
  {
    guide: 'gene-networks',
    command: ['grn', 'programs', ...blood],
    quick: ['-o', 'programs', '--genes', '600', '--permutations', '99', '--threads', '1'],
    figures: ['network', 'activity'],
  },
  {
    guide: 'generation',
    command: ['generate', 'impute', 'query.h5ad'],
    quick: ['-o', 'imputed.h5ad', '--threads', '1'],
    figures: ['held-out', 'predicted-and-true'],
  },
  {
    guide: 'multiomics',
    command: ['multiome', join(shared, cite), '--other', 'protein_counts'],
    quick: ['--label-key', 'cell_type_predicted', '-o', 'joint.h5ad', '--epochs', '4', '--threads', '1'],
    figures: ['cells-by-cell-type-predicted', 'markers-proteins', 'scores'],
    needs: cite,
  },
  {
    guide: 'perturbation',
    command: ['perturb', 'train', 'screen.h5ad', '--batch-key', 'batch'],
    quick: ['-o', 'screen-model', '--epochs', '2', '--folds', '2', '--threads', '1'],
    figures: ['held-out'],
    needs: screen,
  },
  {
    guide: 'perturbation',
    command: ['perturb', 'predict', '-m', 'screen-model', '-p', 'STAT1,JAK2+IRF1'],
    quick: ['-o', 'predicted.h5ad', '--threads', '1'],
    figures: ['volcano-1'],
    needs: screen,
  },
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-figures-'));
  const share: Readonly<Record<string, number>> = { pbmc3k: 8, pbmc68k: 4, celltypist: 2 };
  await writeCells('blood.h5ad', (batch, place) => place % share[batch] === 0);
  await writeCells('reference.h5ad', (batch, place) => batch === 'pbmc3k' && place % 4 === 0);
  await writeCells('query.h5ad', (batch, place) => batch === 'pbmc68k' && place % 3 === 0);
  if (existsSync(join(shared, screen))) await writeScreen(screen);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(runs)('the guide to $guide', ({ guide, command, quick, figures, needs }) => {
  it('shows what its command makes', { timeout: 300_000 }, async (context) => {
    if (needs !== undefined && !existsSync(join(shared, needs)))
      context.skip(`needs ../shared/data/${needs}`);
    const made = `${guide}-${figures[0]}`;
    const ran = await scgpt([...command, ...quick, '--figures', made, '--quiet'], folder);
    expect(ran.code, ran.stderr).toBe(0);
    const text = readFileSync(join(guides, `${guide}.md`), 'utf8');
    for (const figure of figures) {
      const drawn = readFileSync(join(folder, made, `${figure}.svg`), 'utf8');
      const shown = join('figures', `${guide}-${figure}.svg`);
      expect(text).toContain(`(${shown})`);
      if (process.env.SCGPT_FIGURES === 'write') writeFileSync(join(guides, shown), drawn);
      expect(words(readFileSync(join(guides, shown), 'utf8'))).toEqual(words(drawn));
    }
  });
});
