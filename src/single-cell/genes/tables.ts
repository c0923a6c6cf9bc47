/** @file The gene tables in memory: symbols, older names and ids of human genes, each index built when first asked. */

/** One gene of the HGNC table. */
export interface Gene {
  /** The approved symbol. */
  readonly symbol: string;
  /** `HGNC:1673` */
  readonly hgncId: string;
  /** Without version; null where HGNC knows none. */
  readonly ensembl: string | null;
}

/** The three kinds of names a gene has, best first. */
export const nameKinds = ['approved', 'previous', 'alias'] as const;
export type NameKind = (typeof nameKinds)[number];

const column = { hgnc: 0, symbol: 1, ensembl: 2, entrez: 3, alias: 4, previous: 5 } as const;

/** Human gene names: HGNC 2021-02 with the names GENCODE v44 adds. A gene is known by its row. */
export class GeneTables {
  private readonly cells: readonly (readonly string[])[];
  private readonly gencodeLines: readonly string[];
  private readonly nameIndexes = new Map<string, RowIndex>();
  private entrezRows: RowIndex | undefined;
  private ensemblRows: RowIndex | undefined;
  private hgncRows: RowIndex | undefined;
  private gencodeNames: ReadonlyMap<string, string> | undefined;

  /**
   * @param hgnc lines of HGNC number, symbol, Ensembl number, Entrez id, aliases and previous symbols, by tabs and `|`
   * @param gencode lines of Ensembl number and the name GENCODE gives it, where HGNC says otherwise or nothing
   */
  constructor(hgnc: readonly string[], gencode: readonly string[]) {
    this.cells = hgnc.map((line) => line.split('\t'));
    this.gencodeLines = gencode;
  }

  /** The number of genes. */
  get size(): number {
    return this.cells.length;
  }

  gene(row: number): Gene {
    const cells = this.cells[row];
    return {
      symbol: cells[column.symbol],
      hgncId: `HGNC:${cells[column.hgnc]}`,
      ensembl: cells[column.ensembl] === '' ? null : ensemblId(cells[column.ensembl]),
    };
  }

  /** The genes that have this name of this kind; more than one makes it ambiguous. */
  named(kind: NameKind, name: string): readonly number[] {
    return rowsOf(this.namesOf(kind, false), name);
  }

  /** The same without regard to upper and lower case. */
  namedInAnyCase(kind: NameKind, name: string): readonly number[] {
    return rowsOf(this.namesOf(kind, true), name.toUpperCase());
  }

  /** The genes HGNC gives this Ensembl id, without version. */
  withEnsembl(id: string): readonly number[] {
    this.ensemblRows ??= index(this.cells, (cells) => [cells[column.ensembl]]);
    return rowsOf(this.ensemblRows, ensemblNumber(id));
  }

  withEntrez(id: string): readonly number[] {
    this.entrezRows ??= index(this.cells, (cells) => [cells[column.entrez]]);
    return rowsOf(this.entrezRows, id);
  }

  /** The genes of an HGNC id, given as its number. */
  withHgnc(number: string): readonly number[] {
    this.hgncRows ??= index(this.cells, (cells) => [cells[column.hgnc]]);
    return rowsOf(this.hgncRows, number);
  }

  /** The name GENCODE gives an Ensembl id where it differs from HGNC's symbol or HGNC lacks the id. */
  gencodeName(ensembl: string): string | undefined {
    this.gencodeNames ??= new Map(this.gencodeLines.map((line) => line.split('\t') as [string, string]));
    return this.gencodeNames.get(ensemblNumber(ensembl));
  }

  private namesOf(kind: NameKind, anyCase: boolean): RowIndex {
    const key = `${kind} ${anyCase}`;
    const built = this.nameIndexes.get(key);
    if (built !== undefined) return built;
    const at = kind === 'approved' ? column.symbol : column[kind];
    const made = index(this.cells, (cells) => {
      if (cells[at] === '') return [];
      const names = kind === 'approved' ? [cells[at]] : cells[at].split('|');
      return anyCase ? names.map((name) => name.toUpperCase()) : names;
    });
    this.nameIndexes.set(key, made);
    return made;
  }
}

/** Rows by name: a bare number for one row, which nearly all names have, so that an index is built in half the time. */
type RowIndex = ReadonlyMap<string, number | readonly number[]>;

function rowsOf(index: RowIndex, key: string): readonly number[] {
  const found = index.get(key);
  return found === undefined ? [] : typeof found === 'number' ? [found] : found;
}

function index(
  cells: readonly (readonly string[])[],
  keysOf: (cells: readonly string[]) => readonly string[],
): RowIndex {
  const rows = new Map<string, number | number[]>();
  for (let row = 0; row < cells.length; row++) {
    for (const key of keysOf(cells[row])) {
      if (key === '') continue;
      const sharing = rows.get(key);
      if (sharing === undefined) rows.set(key, row);
      else if (typeof sharing !== 'number') {
        if (sharing.at(-1) !== row) sharing.push(row);
      } else if (sharing !== row) rows.set(key, [sharing, row]);
    }
  }
  return rows;
}

function ensemblId(number: string): string {
  return `ENSG${number.padStart(11, '0')}`;
}

function ensemblNumber(id: string): string {
  return id.slice(4).replace(/^0+/, '');
}
