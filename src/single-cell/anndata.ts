/** @file AnnData: a cells x genes matrix with its annotations, in the terms of the anndata format. */

import type { CategoricalColumn, DataFrame, NullableColumn } from './data-frame.ts';
import type { Matrix, NumericArray, StoredDtype } from './matrix.ts';

/** A dense array of any rank that is small enough to hold, such as an embedding; read when first looked at. */
export interface DenseArray {
  readonly kind: 'dense';
  readonly dtype: StoredDtype;
  readonly shape: readonly number[]; // empty for a scalar
  readonly values: NumericArray; // row-major
}

/** Text of any rank; null where a value is missing. */
export interface TextArray {
  readonly kind: 'strings';
  readonly shape: readonly number[];
  readonly values: readonly (string | null)[];
}

/** Rows of named fields, as numpy's record arrays hold scanpy's gene rankings. */
export interface RecordArray {
  readonly kind: 'records';
  readonly length: number;
  readonly fields: ReadonlyMap<string, DenseArray | TextArray>;
}

/**
 * What obsm, varm, obsp and varp hold. Arrays of obsm and varm are small enough to hold; those of obsp and varp,
 * cells x cells and genes x genes, are matrices and streamed.
 */
export type Annotation = DenseArray | Matrix | DataFrame;

/**
 * What uns holds: nested dictionaries of scalars, arrays and tables.
 *
 * A `number` is stored as int64 when it is whole and as float64 otherwise. A stored scalar of which that is not true,
 * such as the float 1.0 or an int32, arrives as a {@link DenseArray} of empty shape, so that writing gives it back.
 */
export type Unstructured =
  | null
  | string
  | number
  | boolean
  | DenseArray
  | TextArray
  | RecordArray
  | CategoricalColumn
  | NullableColumn
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

/** The file that an AnnData mirrors from end to end, to whose copy results can be added. */
export interface Mirror {
  readonly path: string;
  /** True while the AnnData still holds what the file held: no part was added, taken away or exchanged. */
  matches(data: AnnData): boolean;
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
  /** Absent unless a whole file in a layout that can be added to. */
  readonly mirror?: Mirror | undefined;
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
  readonly mirror: Mirror | undefined;
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
    this.mirror = parts.mirror;
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
