/** @file The sets of `benchmarks/integration.md`: cells with batches and labels. */

/** A set of cells with batches and labels. */
export interface IntegrationSet {
  readonly name: string;
  readonly file: string;
  /** Columns of obs. */
  readonly batch: string;
  readonly label: string;
  /** Cells, spread evenly over the file; default all. */
  readonly cells?: number;
}

export const integrationSets: readonly IntegrationSet[] = [
  { name: 'symphony_pbmc_3tech', file: 'symphony_pbmc_3tech', batch: 'batch', label: 'cell_type' },
  { name: 'kang_ifnb_labelled', file: 'kang_ifnb_labelled', batch: 'batch', label: 'cell_type_coarse' },
  { name: 'kang_ctrl_4000', file: 'kang_ctrl_8donors', batch: 'donor', label: 'cell_type', cells: 4000 },
  { name: 'sc_mixology_cell_lines', file: 'sc_mixology_cell_lines', batch: 'batch', label: 'cell_line' },
  { name: 'pancreas_5tech', file: 'pancreas_5tech', batch: 'technology', label: 'cell_type' },
];

/** Components of every linear embedding of the benchmark. */
export const components = 30;

/** Row i of n is kept when floor((i + 1) count / n) > floor(i count / n). */
export function evenlySpread(n: number, count: number): Int32Array {
  const rows = Int32Array.from({ length: n }, (_, row) => row);
  return rows.filter((i) => Math.floor(((i + 1) * count) / n) > Math.floor((i * count) / n));
}
