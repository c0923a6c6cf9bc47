import { describe, expect, it } from 'vitest';
import { meanBinEdges, meanBins } from '../../../../src/single-cell/preprocess/dispersion-bins.ts';
import type { Batches } from '../../../../src/single-cell/preprocess/gene-moments.ts';
import { log1p, normalizeTotal } from '../../../../src/single-cell/preprocess/normalize.ts';
import {
  type DispersionBounds,
  variableByDispersion,
} from '../../../../src/single-cell/preprocess/variable-by-dispersion.ts';
import { variableByTrend } from '../../../../src/single-cell/preprocess/variable-by-trend.ts';
import { selectCells, selectGenes } from '../../../../src/single-cell/preprocess/views.ts';
import { CancelledError, InputError, UsageError } from '../../../../src/support/errors.ts';
import { golden } from '../golden.ts';
import { csrMatrix, denseMatrix } from './in-memory.ts';

interface Case {
  readonly parameters: { readonly batches: string[]; readonly n_top_genes: number };
}

const fixture = golden<Case>('preprocess');
const { n_top_genes: count, batches: names } = fixture.about.parameters;
const raw = csrMatrix(
  [390, 400],
  fixture.i32('input/X.indptr'),
  fixture.i32('input/X.indices'),
  fixture.f32('input/X.data'),
);
const cells = fixture.i32('filter/cells_kept');
const counts = selectCells(selectGenes(raw, fixture.i32('filter/genes_kept')), cells);
const logged = csrMatrix(
  [374, 371],
  fixture.i32('log1p/X_log1p.indptr'),
  fixture.i32('log1p/X_log1p.indices'),
  fixture.f32('log1p/X_log1p.data'),
);
const allBatches = fixture.i32('input/batch');
const batches: Batches = { codes: Int32Array.from(cells, (cell) => allBatches[cell]), names };

function near(actual: ArrayLike<number>, name: string) {
  const expected = fixture.f64(name);
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    if (Number.isNaN(value)) expect(actual[i], `${name} ${i}`).toBeNaN();
    else
      expect(Math.abs(actual[i] - value), `${name} ${i}`).toBeLessThanOrEqual(1e-7 + 1e-5 * Math.abs(value));
  }
}

/** Two genes of the same counts in the first batch, neighbours in its ranking; ours keeps the order of genes. */
const tiedInOneBatch = [160, 264];

describe('variableByTrend against scanpy', () => {
  it('ties in the first batch are what the reference leaves to chance', async () => {
    const first = selectCells(
      counts,
      Int32Array.from([...cells.keys()].filter((i) => batches.codes[i] === 0)),
    );
    const { normalizedVariances, ranks } = await variableByTrend(first, {
      flavor: 'seurat_v3',
      count,
      batches: null,
    });
    const [a, b] = tiedInOneBatch;
    expect(normalizedVariances[a]).toBe(normalizedVariances[b]);
    expect(ranks[b]).toBe(ranks[a] + 1);
  });

  it.each([
    ['seurat_v3', 'seurat_v3', null],
    ['seurat_v3_batch', 'seurat_v3', batches],
    ['seurat_v3_paper_batch', 'seurat_v3_paper', batches],
  ] as const)('%s', async (name, flavor, asked) => {
    const found = await variableByTrend(counts, { flavor, count, batches: asked });
    near(found.means, `hvg/${name}/means`);
    near(found.variances, `hvg/${name}/variances`);
    near(found.normalizedVariances, `hvg/${name}/variances_norm`);
    const ranks = fixture.f64(`hvg/${name}/highly_variable_rank`);
    const swapped = asked === null ? [] : tiedInOneBatch; // by the reference's unstable sort
    for (const gene of swapped) expect(Math.abs(found.ranks[gene] - ranks[gene])).toBe(0.5);
    const isOther = (gene: number) => !swapped.includes(gene);
    expect(found.ranks.filter((_, gene) => isOther(gene))).toEqual(ranks.filter((_, gene) => isOther(gene)));
    const order = fixture.i32(`hvg/${name}/order`);
    expect(found.order.filter(isOther)).toEqual(order.filter(isOther));
    for (const gene of swapped) {
      expect(Math.abs(found.order.indexOf(gene) - order.indexOf(gene))).toBeLessThanOrEqual(1);
    }
    expect(found.chosen).toEqual(fixture.u8(`hvg/${name}/highly_variable`));
    if (asked !== null) expect(found.batchCounts).toEqual(fixture.i32(`hvg/${name}/nbatches`));
  });

  it('orders genes the same way whichever flavour, without batches', async () => {
    const paper = await variableByTrend(counts, { flavor: 'seurat_v3_paper', count, batches: null });
    expect(paper.order).toEqual(fixture.i32('hvg/seurat_v3/order'));
  });

  it('says what to do when many genes share one mean', async () => {
    const rows = Array.from({ length: 6 }, (_, cell) =>
      Array.from({ length: 300 }, (_, gene) => ((gene + cell) % 6 === 0 ? 1 : 0)),
    );
    const failed = variableByTrend(denseMatrix(rows), { flavor: 'seurat_v3', count: 10, batches: null });
    await expect(failed).rejects.toThrow(InputError);
    await expect(failed).rejects.toThrow(/300 varying genes.*near-singular.*filter genes by counts/);
    await expect(failed).rejects.toMatchObject({ reason: 'near_singular' });
  });
});

const cutoffs: DispersionBounds = {
  minMean: 0.0125,
  maxMean: 3,
  minDispersion: 0.5,
  maxDispersion: Number.POSITIVE_INFINITY,
};

describe('variableByDispersion against scanpy', () => {
  it.each([
    ['cell_ranger', 'cell_ranger', null],
    ['cell_ranger_batch', 'cell_ranger', batches],
    ['seurat', 'seurat', null],
    ['seurat_batch', 'seurat', batches],
  ] as const)('%s', async (name, flavor, asked) => {
    const found = await variableByDispersion(logged, { flavor, choose: count, batches: asked });
    near(found.means, `hvg/${name}/means`);
    near(found.dispersions, `hvg/${name}/dispersions`);
    near(found.normalizedDispersions, `hvg/${name}/dispersions_norm`);
    expect(found.order).toEqual(fixture.i32(`hvg/${name}/order`));
    expect(found.chosen).toEqual(fixture.u8(`hvg/${name}/highly_variable`));
    if (asked !== null) expect(found.batchCounts).toEqual(fixture.i32(`hvg/${name}/nbatches`));
  });

  it.each(['seurat', 'cell_ranger'] as const)('%s within bounds', async (flavor) => {
    const found = await variableByDispersion(logged, { flavor, choose: cutoffs, batches: null });
    expect(found.chosen).toEqual(fixture.u8(`hvg/${flavor}_cutoffs/highly_variable`));
  });

  it.each(['seurat', 'cell_ranger'] as const)('bins means of %s as pandas does', (flavor) => {
    const means = fixture.f64(`hvg/${flavor}/means`);
    const edges = meanBinEdges(means, flavor);
    const expected = fixture.f64(`hvg/${flavor}/mean_bin_edges`);
    for (const [i, edge] of edges.entries()) {
      if (Math.abs(expected[i]) === 1e308)
        expect(edge).toBe(Math.sign(expected[i]) * Number.POSITIVE_INFINITY);
      else expect(Math.abs(edge - expected[i])).toBeLessThan(1e-3); // stored as pandas labels them, rounded
    }
    expect(meanBins(means, edges)).toEqual(fixture.i32(`hvg/${flavor}/mean_bin`));
  });

  it('chooses the same genes from the lazily normalised counts', async () => {
    const { matrix } = await normalizeTotal(counts, 1e4);
    const found = await variableByDispersion(log1p(matrix), {
      flavor: 'cell_ranger',
      choose: count,
      batches: null,
    });
    expect(found.order).toEqual(fixture.i32('hvg/cell_ranger/order'));
  });

  it('takes genes that nothing expresses, genes of equal mean and a single gene', async () => {
    const rows = [
      [0, 1, 1, 2],
      [0, 1, 3, 0],
      [0, 1, 0, 1],
    ];
    for (const flavor of ['seurat', 'cell_ranger'] as const) {
      const found = await variableByDispersion(denseMatrix(rows), { flavor, choose: 1, batches: null });
      expect(found.chosen[0]).toBe(0);
      const one = await variableByDispersion(denseMatrix([[1], [2]]), { flavor, choose: 1, batches: null });
      expect(one.means.length).toBe(1);
    }
  });
});

describe('highly variable genes on bad input', () => {
  const options = { flavor: 'seurat_v3', count: 2, batches: null } as const;

  it('refuses values that are no expression and says where they are', async () => {
    const negative = denseMatrix([
      [1, 2, 3],
      [0, -1, 1],
    ]);
    await expect(variableByTrend(negative, options)).rejects.toThrow(/row 1, column 1.*the value is -1/);
    const broken = denseMatrix([
      [1, 2, 3],
      [0, 1, Number.NaN],
    ]);
    const byDispersion = variableByDispersion(broken, { flavor: 'seurat', choose: 2, batches: null });
    await expect(byDispersion).rejects.toThrow(/row 1, column 2.*NaN/);
  });

  it('refuses more genes than there are, batches that do not fit and batches of one cell', async () => {
    await expect(variableByTrend(counts, { ...options, count: 372 })).rejects.toThrow(UsageError);
    const short = { codes: new Int32Array(3), names: ['a'] };
    await expect(variableByTrend(counts, { ...options, batches: short })).rejects.toThrow(/3 cells.*374/);
    const none = { codes: new Int32Array(374).fill(-1), names: ['a'] };
    await expect(variableByTrend(counts, { ...options, batches: none })).rejects.toThrow(/row 0.*no batch/);
    const lonely = {
      codes: Int32Array.from({ length: 374 }, (_, i) => (i === 5 ? 1 : 0)),
      names: ['a', 'b'],
    };
    await expect(variableByTrend(counts, { ...options, batches: lonely })).rejects.toThrow(/1 cell in 'b'/);
  });

  it('stops when asked to', async () => {
    const signal = AbortSignal.abort();
    await expect(variableByTrend(counts, options, { signal })).rejects.toThrow(CancelledError);
  });
});
