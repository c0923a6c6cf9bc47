/** @file The data files and gene lists of the benchmarks. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnnData } from '../../src/single-cell/anndata.ts';
import { openData } from '../../src/single-cell/open.ts';
import { InputError } from '../../src/support/errors.ts';

export class BenchmarkFiles {
  private readonly shared: string;
  private readonly opened = new Map<string, AnnData>();

  /** @param shared the folder with `data` and `benchmarks` */
  constructor(shared: string) {
    this.shared = shared;
  }

  async open(name: string): Promise<AnnData> {
    const data = this.opened.get(name) ?? (await openData(join(this.shared, 'data', `${name}.h5ad`)));
    this.opened.set(name, data);
    return data;
  }

  /**
   * Columns of the genes that a list keeps, ascending; all columns where there is no such list.
   *
   * @param list such as `integration_kang_ifnb_labelled`
   * @throws InputError when a gene of the list is not there
   */
  columns(list: string, genes: readonly string[]): Int32Array {
    const path = join(this.shared, 'benchmarks', `genes_${list}.tsv`);
    if (!existsSync(path)) return Int32Array.from(genes, (_, column) => column);
    const names = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
    const place = new Map(genes.map((gene, column) => [gene, column]));
    return Int32Array.from(names, (name) => {
      const column = place.get(name);
      if (column !== undefined) return column;
      throw new InputError({ what: `there is no gene '${name}'`, where: path });
    }).sort();
  }

  async close(): Promise<void> {
    for (const data of this.opened.values()) await data.close();
  }
}
