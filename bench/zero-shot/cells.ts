/** @file The data files of the benchmarks: opened once, their cells embedded by a model when first asked for. */

import { join } from 'node:path';
import { finiteRows, type Points, pointsOf, takeRows } from '../../src/analysis/points.ts';
import type { LoadedModel } from '../../src/model/folder.ts';
import type { DeviceName } from '../../src/runtime/device.ts';
import type { AnnData } from '../../src/single-cell/anndata.ts';
import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import type { Logger } from '../../src/support/log.ts';
import { embed } from '../../src/tasks/embed/embed.ts';

/** What cells are embedded with. */
export interface Embedding {
  readonly model: LoadedModel;
  readonly device: DeviceName | 'auto';
  readonly logger: Logger;
}

/** A data file and the embeddings of the cells that were asked for. */
export class CellFile {
  readonly name: string;
  readonly data: AnnData;
  private readonly values: Float32Array; // [cells, d]
  private readonly embedded: Uint8Array; // [cells]
  private readonly embedding: Embedding;

  private constructor(name: string, data: AnnData, embedding: Embedding) {
    this.name = name;
    this.data = data;
    this.embedding = embedding;
    this.values = new Float32Array(data.nObs * embedding.model.config.embeddingSize);
    this.embedded = new Uint8Array(data.nObs);
  }

  static async open(folder: string, name: string, embedding: Embedding): Promise<CellFile> {
    return new CellFile(name, await openData(join(folder, `${name}.h5ad`)), embedding);
  }

  /** The embeddings of some cells, with all genes of the file; NaN for cells without a gene that the model knows. */
  async points(rows: Int32Array): Promise<Points> {
    const { model, device, logger } = this.embedding;
    const width = model.config.embeddingSize;
    const missing = rows.filter((row) => this.embedded[row] === 0);
    if (missing.length > 0) {
      const started = performance.now();
      const { embeddings } = await embed(subsetObs(this.data, missing), model, { device, logger });
      const found = pointsOf(embeddings);
      missing.forEach((row, i) => {
        this.values.set(found.values.subarray(i * width, (i + 1) * width), row * width);
        this.embedded[row] = 1;
      });
      const seconds = (performance.now() - started) / 1000;
      logger.info(`${this.name}: ${missing.length} cells embedded in ${seconds.toFixed(1)} s`);
    }
    return takeRows({ values: this.values, count: this.data.nObs, dimensions: width }, rows);
  }
}

/** The files of a run, each opened once. */
export class CellFiles {
  private readonly folder: string;
  private readonly embedding: Embedding;
  private readonly opened = new Map<string, CellFile>();

  /** @param folder where the h5ad files are */
  constructor(folder: string, embedding: Embedding) {
    this.folder = folder;
    this.embedding = embedding;
  }

  async open(name: string): Promise<CellFile> {
    const file = this.opened.get(name) ?? (await CellFile.open(this.folder, name, this.embedding));
    this.opened.set(name, file);
    return file;
  }

  async close(): Promise<void> {
    for (const { data } of this.opened.values()) await data.close();
  }
}

/** Points below one another. */
export function stack(parts: readonly Points[]): Points {
  const [{ dimensions }] = parts;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const values = new Float64Array(count * dimensions);
  let row = 0;
  for (const part of parts) {
    values.set(part.values, row * dimensions);
    row += part.count;
  }
  return { values, count, dimensions };
}

/** Those of the rows that have a place among the points. */
export function placed(points: Points, rows: Int32Array): Int32Array {
  const finite = new Set(finiteRows(points));
  return rows.filter((row) => finite.has(row));
}
