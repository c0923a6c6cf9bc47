/** @file AnnData: a cells x genes matrix with its annotations, in the terms of the anndata format. */

import type { DataFrame } from './data-frame.ts';
import type { Matrix, NumericArray, StoredDtype } from './matrix.ts';

/** A dense array of any rank that is small enough to hold, such as an embedding. */
export interface DenseArray {
  readonly kind: 'dense';
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly values: NumericArray; // row-major
}

/** What obsm, varm, obsp and varp hold: dense arrays are in memory, matrices are read lazily. */
export type Annotation = DenseArray | Matrix | DataFrame;

/** What uns holds: nested dictionaries of scalars, arrays and tables. */
export type Unstructured =
  | null
  | string
  | number
  | boolean
  | DenseArray
  | {
      readonly kind: 'strings';
      readonly shape: readonly number[];
      readonly values: readonly (string | null)[];
    }
  | DataFrame
  | Matrix
  | { readonly kind: 'other'; readonly encoding: string; readonly path: string }
  | Map<string, Unstructured>;

/** The matrix before genes were filtered, as `adata.raw` holds it. */
export interface Raw {
  readonly X: Matrix;
  readonly var: DataFrame;
  readonly varm: Map<string, Annotation>;
}

/** The parts an AnnData is made of. */
export interface AnnDataParts {
  readonly obs: DataFrame;
  readonly var: DataFrame;
  readonly X?: Matrix | null;
  readonly layers?: Iterable<readonly [string, Matrix]>;
  readonly obsm?: Iterable<readonly [string, Annotation]>;
  readonly varm?: Iterable<readonly [string, Annotation]>;
  readonly obsp?: Iterable<readonly [string, Annotation]>;
  readonly varp?: Iterable<readonly [string, Annotation]>;
  readonly uns?: Iterable<readonly [string, Unstructured]>;
  readonly raw?: Raw | null;
  /** Where the data come from, for messages; undefined for data made in memory. */
  readonly source?: string | undefined;
  /** Releases the file behind lazily read parts. */
  readonly onClose?: () => void | Promise<void>;
}

/**
 * Annotated data, cells in rows and genes in columns (Virshup et al. 2021, doi:10.1101/2021.12.16.473007).
 * Matrices are read lazily from the file, so it must stay open while they are used: call {@link AnnData.close} last.
 */
export class AnnData {
  readonly obs: DataFrame;
  readonly var: DataFrame;
  readonly X: Matrix | null;
  readonly layers: Map<string, Matrix>;
  readonly obsm: Map<string, Annotation>;
  readonly varm: Map<string, Annotation>;
  readonly obsp: Map<string, Annotation>;
  readonly varp: Map<string, Annotation>;
  readonly uns: Map<string, Unstructured>;
  readonly raw: Raw | null;
  readonly source: string | undefined;
  private readonly onClose: (() => void | Promise<void>) | undefined;

  constructor(parts: AnnDataParts) {
    this.obs = parts.obs;
    this.var = parts.var;
    this.X = parts.X ?? null;
    this.layers = new Map(parts.layers);
    this.obsm = new Map(parts.obsm);
    this.varm = new Map(parts.varm);
    this.obsp = new Map(parts.obsp);
    this.varp = new Map(parts.varp);
    this.uns = new Map(parts.uns);
    this.raw = parts.raw ?? null;
    this.source = parts.source;
    this.onClose = parts.onClose;
  }

  /** The number of cells. */
  get nObs(): number {
    return this.obs.length;
  }

  /** The number of genes. */
  get nVars(): number {
    return this.var.length;
  }

  /** Closes the file behind lazily read parts; using them afterwards is an error. */
  async close(): Promise<void> {
    await this.onClose?.();
  }
}
