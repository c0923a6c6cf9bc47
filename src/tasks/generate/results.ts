/** @file What imputation adds to the data: a layer in which measured values stay, and the record of the run. */

import type { Entries } from '../../analysis/imputation/hidden-entries.ts';
import { targetSum } from '../../analysis/imputation/incomplete-expression.ts';
import type { ImputedRows } from '../../analysis/imputation/method.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { Additions } from '../../single-cell/additions.ts';
import { AnnData, type Unstructured } from '../../single-cell/anndata.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';
import { InputError } from '../../support/errors.ts';
import { version } from '../../support/version.ts';
import type { PreparedCells } from '../prepare.ts';
import type { ComparedGenerator } from './cells-files.ts';

/** Names of what is added. */
export const imputationNames = {
  imputed: 'scgpt_imputed',
  record: 'scgpt_generate',
  column: 'scgpt_imputed',
} as const;

/** Every choice that shaped the numbers, and what they are worth. */
export function imputationRecord({
  model,
  device,
  seed,
  above,
  weights,
  methods,
}: {
  readonly model: LoadedModel;
  readonly device: string;
  readonly seed: number;
  readonly above: number | null;
  readonly weights: ReadonlyMap<string, number>;
  readonly methods: readonly { readonly name: string; readonly scores: Readonly<Record<string, number>> }[];
}): Unstructured {
  return new Map<string, Unstructured>([
    ['version', version],
    ['model', modelRecord(model)],
    ['device', device],
    ['seed', seed],
    ['values', `ln(1 + ${targetSum} count / total)`],
    ['filled_above', above ?? 'all values of genes that were missing'],
    ['weights', new Map<string, Unstructured>([...weights].map(([name, weight]) => [asKey(name), weight]))],
    [
      'held_out',
      new Map<string, Unstructured>(
        methods.map(({ name, scores }) => [
          asKey(name),
          new Map<string, Unstructured>(Object.entries(scores).map(([key, value]) => [key, value])),
        ]),
      ),
    ],
  ]);
}

/** The record of generated cells. */
export function generationRecord({
  model,
  device,
  seed,
  labelKey,
  methods,
}: {
  readonly model: LoadedModel;
  readonly device: string;
  readonly seed: number;
  readonly labelKey: string;
  readonly methods: readonly ComparedGenerator[];
}): Unstructured {
  const scored = methods.map(({ id, scores: { mean } }): [string, Unstructured] => [
    id,
    new Map<string, Unstructured>(Object.entries(mean)),
  ]);
  return new Map<string, Unstructured>([
    ['version', version],
    ['model', modelRecord(model)],
    ['device', device],
    ['seed', seed],
    ['labels', labelKey],
    ['values', `X: drawn counts; layer: ln(1 + ${targetSum} expected count / total)`],
    ['held_out', new Map<string, Unstructured>(scored)],
  ]);
}

const modelRecord = ({ name, hash }: LoadedModel): Unstructured =>
  new Map<string, Unstructured>([
    ['name', name],
    ['hash', hash],
  ]);

/** Names of groups in files have no slash. */
const asKey = (name: string): string => name.replaceAll('/', ' per ');

/** Filled zeros of chosen columns. */
interface Filled {
  readonly columns: Int32Array; // of the data's matrix, ascending
  readonly asked: Entries; // genes are places among the columns
  readonly values: Float64Array;
}

/** The layer: measured values log-normalised, filled zeros beside them. */
export function imputationAdditions(
  data: AnnData,
  { genes }: PreparedCells,
  { rows, totals }: { readonly rows: SparseRows; readonly totals: Float64Array },
  { columns, asked, values }: Filled,
  record: Unstructured,
): Additions {
  if (genes.length !== data.nVars) {
    throw new InputError({
      what: 'the values come from raw, whose genes are not those of the data',
      where: data.source,
      expected: 'a matrix of the genes of var, which a layer has',
      advice: 'Choose X or a layer with counts',
      reason: 'raw_layer',
    });
  }
  const cells = rows.rowCount;
  const indptr = new Float64Array(cells + 1);
  const [indices, entries]: [number[], number[]] = [[], []];
  for (let cell = 0; cell < cells; cell++) {
    let [seen, filled] = [rows.indptr[cell], asked.indptr[cell]];
    while (seen < rows.indptr[cell + 1] || filled < asked.indptr[cell + 1]) {
      const column = filled === asked.indptr[cell + 1] ? rows.columnCount : columns[asked.genes[filled]];
      const measured = seen < rows.indptr[cell + 1] && rows.indices[seen] <= column;
      if (measured && rows.indices[seen] === column)
        seen++; // a stored zero, which is filled
      else {
        indices.push(measured ? rows.indices[seen] : column);
        entries.push(
          measured ? Math.log1p((rows.values[seen++] * targetSum) / totals[cell]) : values[filled++],
        );
      }
    }
    indptr[cell + 1] = indices.length;
  }
  const layer = new CsrMatrix([data.nObs, data.nVars], {
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(entries),
  });
  return { layers: [[imputationNames.imputed, layer]], uns: [[imputationNames.record, record]] };
}

/** Cells with their own genes and those that were missing. */
interface Completed {
  readonly counts: CsrMatrix; // [cells, own genes]
  readonly totals: Float64Array;
  /** The genes that were missing. */
  readonly names: readonly string[];
  readonly rows: ImputedRows;
}

/**
 * New data: own genes first, then the missing ones. X holds the counts, which the missing genes have none of; the layer
 * holds log-normalised own values and what is told of the missing genes; var says which is which.
 */
export function completedData(
  data: AnnData,
  { genes }: PreparedCells,
  { counts, totals, names, rows }: Completed,
  record: Unstructured,
): AnnData {
  const own = genes.length;
  const all = own + names.length;
  const shape = [data.nObs, all] as const;
  const wider = {
    shape,
    dtype: counts.dtype,
    layout: 'csr' as const,
    rows: async (start: number, end: number) => ({ ...(await counts.rows(start, end)), columnCount: all }),
  };
  const told = {
    shape,
    dtype: 'float32' as const,
    layout: 'csr' as const,
    async rows(start: number, end: number) {
      const block = await counts.rows(start, end);
      const indptr = new Int32Array(end - start + 1);
      const length = block.indices.length + (end - start) * names.length;
      const [indices, values] = [new Int32Array(length), new Float32Array(length)];
      const row = new Float64Array(names.length);
      let next = 0;
      for (let cell = start; cell < end; cell++) {
        for (let i = block.indptr[cell - start]; i < block.indptr[cell - start + 1]; i++) {
          indices[next] = block.indices[i];
          values[next++] = Math.log1p((block.values[i] * targetSum) / totals[cell]);
        }
        rows(cell, row);
        for (let gene = 0; gene < row.length; gene++) {
          indices[next] = own + gene;
          values[next++] = row[gene];
        }
        indptr[cell - start + 1] = next;
      }
      return { start, rowCount: end - start, columnCount: all, indptr, indices, values };
    },
  };
  return new AnnData({
    X: wider,
    obs: data.obs,
    var: new DataFrame(
      [...genes.index, ...names],
      [
        [
          imputationNames.column,
          { kind: 'boolean', values: Uint8Array.from({ length: all }, (_, gene) => (gene < own ? 0 : 1)) },
        ],
      ],
    ),
    layers: [[imputationNames.imputed, told]],
    obsm: data.obsm,
    obsp: data.obsp,
    uns: [...data.uns, [imputationNames.record, record]],
  });
}
