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
  private readonly nameIndexes = new Map<string, ReadonlyMap<string, readonly number[]>>();
  private entrezRows: ReadonlyMap<string, readonly number[]> | undefined;
  private ensemblRows: ReadonlyMap<string, readonly number[]> | undefined;
  private hgncRows: ReadonlyMap<string, readonly number[]> | undefined;
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
    return this.namesOf(kind, false).get(name) ?? [];
  }

  /** The same without regard to upper and lower case. */
  namedInAnyCase(kind: NameKind, name: string): readonly number[] {
    return this.namesOf(kind, true).get(name.toUpperCase()) ?? [];
  }

  /** The genes HGNC gives this Ensembl id, without version. */
  withEnsembl(id: string): readonly number[] {
    this.ensemblRows ??= index(this.cells, (cells) => [cells[column.ensembl]]);
    return this.ensemblRows.get(ensemblNumber(id)) ?? [];
  }

  withEntrez(id: string): readonly number[] {
    this.entrezRows ??= index(this.cells, (cells) => [cells[column.entrez]]);
    return this.entrezRows.get(id) ?? [];
  }

  /** The genes of an HGNC id, given as its number. */
  withHgnc(number: string): readonly number[] {
    this.hgncRows ??= index(this.cells, (cells) => [cells[column.hgnc]]);
    return this.hgncRows.get(number) ?? [];
  }

  /** The name GENCODE gives an Ensembl id where it differs from HGNC's symbol or HGNC lacks the id. */
  gencodeName(ensembl: string): string | undefined {
    this.gencodeNames ??= new Map(this.gencodeLines.map((line) => line.split('\t') as [string, string]));
    return this.gencodeNames.get(ensemblNumber(ensembl));
  }

  private namesOf(kind: NameKind, anyCase: boolean): ReadonlyMap<string, readonly number[]> {
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

function index(
  cells: readonly (readonly string[])[],
  keysOf: (cells: readonly string[]) => readonly string[],
): Map<string, readonly number[]> {
  const rows = new Map<string, number[]>();
  for (let row = 0; row < cells.length; row++) {
    for (const key of keysOf(cells[row])) {
      if (key === '') continue;
      const sharing = rows.get(key);
      if (sharing === undefined) rows.set(key, [row]);
      else if (sharing.at(-1) !== row) sharing.push(row);
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
