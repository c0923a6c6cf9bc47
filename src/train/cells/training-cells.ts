/** @file The cells of one or several data sets as training reads them: by number, sparse, straight from their files. */

import { type Matrix, rowOf } from '../../single-cell/matrix.ts';
import { cellKey } from '../../single-cell/tokens/cell-key.ts';
import type { GenePanel, PanelRow } from '../../single-cell/tokens/gene-panel.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError, UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { rowRuns } from './row-runs.ts';

/** One cell as training reads it, before binning, sampling and masking. */
export interface TrainingCell {
  /** Token ids, ascending: of genes that are not zero, or of all genes of the panel when zeros are included. */
  readonly genes: Int32Array; // [genes]
  /** Expression as the file has it. With zeros, these are laid out when first looked at. */
  readonly values: Float32Array; // [genes]
  readonly name: string;
  /** Which of the data sets it is from. */
  readonly source: number;
  /** Its row there. */
  readonly row: number;
  /** What the cell's draws are keyed by: a hash of its content. */
  readonly key: string;
}

/** One data set. */
export interface CellSource {
  readonly matrix: Matrix; // [cells, columns]
  readonly panel: GenePanel;
  readonly names: readonly string[]; // [cells]
  /** What messages call it: the file's name. */
  readonly label: string;
}

/** What is known of a cell. */
const state = { unread: 0, usable: 1, empty: 2 } as const;

/** Cells that {@link TrainingCells.countGenes} reads between two reports of progress. */
const countedAtOnce = 1024;

/**
 * The cells of one or several data sets under numbers 0 .. count - 1: those of the first set, then those of the
 * second, and so on. Holds no cell; a byte for each cell tells what was found when it was read. The files must stay
 * open. Panels must be of one vocabulary.
 */
export class TrainingCells {
  readonly sources: readonly CellSource[];
  readonly includeZeros: boolean;
  private readonly starts: Int32Array; // [sources + 1], the number of each source's first cell
  private readonly states: Uint8Array; // [cells]
  private reading: Promise<unknown> = Promise.resolve();

  /**
   * @param options `includeZeros`: whether genes with value 0 are part of a cell
   * @throws UsageError when a source's names or panel do not fit its matrix
   */
  constructor(sources: readonly CellSource[], options: { readonly includeZeros: boolean }) {
    for (const source of sources) checkSource(source);
    this.sources = sources;
    this.includeZeros = options.includeZeros;
    this.starts = new Int32Array(sources.length + 1);
    sources.forEach(({ matrix }, i) => {
      this.starts[i + 1] = this.starts[i] + matrix.shape[0];
    });
    this.states = new Uint8Array(this.count);
  }

  /** The number of cells, those without any gene included. */
  get count(): number {
    return this.starts[this.sources.length];
  }

  /** Which source a cell is from. */
  sourceOf(cell: number): number {
    this.check(cell);
    let source = 0;
    while (this.starts[source + 1] <= cell) source++;
    return source;
  }

  /** A cell's name in its data set. */
  nameOf(cell: number): string {
    const source = this.sourceOf(cell);
    return this.sources[source].names[cell - this.starts[source]];
  }

  /**
   * The cells, of those read so far, in which no gene of the panel is above zero, ascending. There is nothing to
   * learn from them: batches leave them out. {@link countGenes} finds all of them.
   */
  get emptyCells(): Int32Array {
    const found: number[] = [];
    for (let cell = 0; cell < this.states.length; cell++) {
      if (this.isEmpty(cell)) found.push(cell);
    }
    return Int32Array.from(found);
  }

  /** Whether a cell was read and has no gene of the panel above zero. */
  isEmpty(cell: number): boolean {
    return this.states[cell] === state.empty;
  }

  /** How many of some cells have a gene, or undefined when one of them was never read. */
  usableAmong(cells: ArrayLike<number>): number | undefined {
    let usable = 0;
    for (let i = 0; i < cells.length; i++) {
      const known = this.states[cells[i]];
      if (known === state.unread) return undefined;
      if (known === state.usable) usable++;
    }
    return usable;
  }

  /**
   * Reads cells, in the order asked; rows that are neighbours in a file are read together. Readings wait for one
   * another, because a file's rows cannot be read twice at a time.
   *
   * @throws InputError when a value is negative or not finite, naming cell, file and gene
   * @throws UsageError when there is no such cell
   */
  read(cells: ArrayLike<number>): Promise<TrainingCell[]> {
    return this.inTurn(async () => {
      const read = new Array<TrainingCell>(cells.length);
      await this.visit(cells, (place, source, row, expressed) => {
        read[place] = this.trainingCell(source, row, expressed);
      });
      return read;
    });
  }

  /**
   * Looks at every cell once, before the work: finds bad values and cells without any gene, and tells how long cells
   * are.
   *
   * @param cellsOfToken takes in, for each token of the vocabulary, the cells that have it above zero
   * @returns genes of each cell above zero
   * @throws InputError when a value is negative or not finite, naming cell, file and gene
   * @throws CancelledError when the signal is aborted
   */
  async countGenes({ onProgress, signal }: RunControl = {}, cellsOfToken?: Uint32Array): Promise<Int32Array> {
    const total = this.count;
    const counts = new Int32Array(total);
    for (let start = 0; start < total; start += countedAtOnce) {
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while reading the data' });
      const length = Math.min(countedAtOnce, total - start);
      const cells = Int32Array.from({ length }, (_, i) => start + i);
      await this.inTurn(() =>
        this.visit(cells, (place, _source, _row, { geneIds }) => {
          counts[start + place] = geneIds.length;
          if (cellsOfToken !== undefined) for (const token of geneIds) cellsOfToken[token]++;
        }),
      );
      onProgress?.({ stage: 'reading', done: start + length, total, unit: 'cells' });
    }
    return counts;
  }

  /**
   * The same cells through other panels that have all genes which are above zero anywhere; what is known of which cells
   * are empty stays.
   *
   * @param panels one for each source
   */
  through(panels: readonly GenePanel[]): TrainingCells {
    const sources = this.sources.map((source, i) => ({ ...source, panel: panels[i] }));
    const same = new TrainingCells(sources, { includeZeros: this.includeZeros });
    same.states.set(this.states);
    return same;
  }

  /** Runs one reading after those before it, failed ones included. */
  private inTurn<Result>(reading: () => Promise<Result>): Promise<Result> {
    const turn = this.reading.then(reading);
    this.reading = turn.catch(() => undefined);
    return turn;
  }

  /** Shows cells one by one as file order brings them; `expressed` holds until `show` returns. */
  private async visit(
    cells: ArrayLike<number>,
    show: (place: number, source: number, row: number, expressed: PanelRow) => void,
  ): Promise<void> {
    for (let i = 0; i < cells.length; i++) this.check(cells[i]);
    for (const run of rowRuns(cells, this.starts)) {
      const source = this.sourceOf(run.start);
      const { matrix, panel, names, label } = this.sources[source];
      const first = run.start - this.starts[source];
      const block = await matrix.rows(first, first + run.end - run.start);
      for (const place of run.places) {
        const cell = cells[place];
        const row = cell - this.starts[source];
        const expressed = panel.read(rowOf(block, row - first), `${names[row]} of ${label}`, false);
        this.states[cell] = expressed.geneIds.length === 0 ? state.empty : state.usable;
        show(place, source, row, expressed);
      }
      await breathe();
    }
  }

  private trainingCell(source: number, row: number, { geneIds, values }: PanelRow): TrainingCell {
    const { panel, names } = this.sources[source];
    const rest = { name: names[row], source, row, key: cellKey(geneIds, values) };
    const expressed = { genes: geneIds.slice(), values: values.slice() };
    return this.includeZeros ? withZeros(expressed, panel, rest) : { ...expressed, ...rest };
  }

  private check(cell: number): void {
    if (Number.isInteger(cell) && cell >= 0 && cell < this.count) return;
    throw new UsageError({
      what: `there is no cell ${cell}`,
      expected: `cell numbers from 0 to ${this.count - 1}`,
      reason: 'cell_range',
    });
  }
}

/** The cell over all genes of the panel; it stays sparse until its values are looked at. */
function withZeros(
  expressed: Pick<TrainingCell, 'genes' | 'values'>,
  { tokenIds }: GenePanel,
  rest: Omit<TrainingCell, 'genes' | 'values'>,
): TrainingCell {
  let all: Float32Array | undefined;
  return {
    genes: tokenIds,
    get values() {
      if (all === undefined) {
        all = new Float32Array(tokenIds.length);
        for (let gene = 0, next = 0; next < expressed.genes.length; gene++) {
          if (tokenIds[gene] === expressed.genes[next]) all[gene] = expressed.values[next++];
        }
      }
      return all;
    },
    ...rest,
  };
}

function checkSource({ matrix, panel, names, label }: CellSource): void {
  const [rows, columns] = matrix.shape;
  if (names.length === rows && panel.columnCount === columns) return;
  throw new UsageError({
    what: `the matrix has ${rows} cells and ${columns} genes, but there are ${names.length} names and the panel is of ${panel.columnCount} genes`,
    where: label,
    reason: 'source_shape',
  });
}
