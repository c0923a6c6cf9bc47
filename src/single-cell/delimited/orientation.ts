/** @file Whether a table's rows are cells or genes, told from their names. */

import { ensemblForm, isBarcode, otherEnsemblId } from '../genes/patterns.ts';

/** Which way a table lies, and what says so. */
export interface Orientation {
  readonly rows: 'cells' | 'genes';
  readonly reason: string;
  /** False where nothing tells and the usual way was taken. */
  readonly told: boolean;
}

/** True for a symbol that the gene tables know. */
export type KnowsGene = (name: string) => boolean;

/** Names looked at on each side. */
const sampleSize = 200;

/** One side has to have this much more of its kind. */
const clearMargin = 0.2;

/**
 * Looks, in this order, at the field above the row names, at the form of the names (Ensembl ids, barcodes), and at
 * the gene symbols there are. Where nothing tells, rows are cells, as scanpy reads tables.
 *
 * @param corner the field above the row names, null when there is none
 * @param loadSymbols gives the gene tables, which only undecided names need
 */
export async function orientationOf(
  corner: string | null,
  rowNames: readonly string[],
  columnNames: readonly string[],
  loadSymbols: () => Promise<KnowsGene>,
): Promise<Orientation> {
  const [rows, columns] = [sample(rowNames), sample(columnNames)];
  return (
    byCorner(corner) ??
    byShare(rows, columns, isEnsemblId, 'genes', 'are Ensembl ids') ??
    byShare(rows, columns, isCellName, 'cells', 'look like cells') ??
    byShare(rows, columns, await loadSymbols(), 'genes', 'are known gene symbols') ?? {
      rows: 'cells',
      reason: "the names do not tell; write 'gene' above the row names if rows are genes",
      told: false,
    }
  );
}

/** What the field above the row names says, if anything. */
export function byCorner(corner: string | null): Orientation | undefined {
  const word = corner?.trim().toLowerCase() ?? '';
  const reason = `'${corner}' stands above the row names`;
  if (/^(genes?|gene[ _.-]?(ids?|names?|symbols?)|geneid|symbols?|features?|ensembl.*|hgnc.*)$/.test(word)) {
    return { rows: 'genes', reason, told: true };
  }
  if (/^(cells?|cell[ _.-]?(ids?|names?)|barcodes?|samples?|cellid|obs(_names)?)$/.test(word)) {
    return { rows: 'cells', reason, told: true };
  }
  return undefined;
}

function byShare(
  rows: readonly string[],
  columns: readonly string[],
  matches: (name: string) => boolean,
  kind: 'cells' | 'genes',
  says: string,
): Orientation | undefined {
  const inRows = rows.filter(matches).length / Math.max(rows.length, 1);
  const inColumns = columns.filter(matches).length / Math.max(columns.length, 1);
  if (Math.abs(inRows - inColumns) < clearMargin) return undefined;
  const onRows = inRows > inColumns;
  const reason = `${percent(inRows)} of the row names and ${percent(inColumns)} of the column names ${says}`;
  return { rows: onRows === (kind === 'genes') ? 'genes' : 'cells', reason, told: true };
}

function isEnsemblId(name: string): boolean {
  return ensemblForm(name) !== undefined || otherEnsemblId(name) !== undefined;
}

function isCellName(name: string): boolean {
  return isBarcode(name) || /^(cell|barcode)[-_. ]?\d+$/i.test(name);
}

/** Names spread evenly over a list. */
function sample(names: readonly string[]): readonly string[] {
  if (names.length <= sampleSize) return names;
  return Array.from({ length: sampleSize }, (_, i) => names[Math.floor((i * names.length) / sampleSize)]);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
