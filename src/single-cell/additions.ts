/** @file Results beside the data they were computed from, to be written with them. */

import { AnnData, type Annotation, type Unstructured } from './anndata.ts';
import { type Column, DataFrame } from './data-frame.ts';
import type { Matrix } from './matrix.ts';

/** Named elements, as a map or a list of pairs. */
export type Entries<V> = ReadonlyMap<string, V> | readonly (readonly [string, V])[];

/** Elements to add to an AnnData; one of the same name is replaced. */
export interface Additions {
  readonly obs?: Entries<Column>;
  readonly obsm?: Entries<Annotation>;
  readonly varm?: Entries<Annotation>;
  readonly obsp?: Entries<Annotation>;
  readonly layers?: Entries<Matrix>;
  readonly uns?: Entries<Unstructured>;
}

/** The data with the additions, sharing everything; closing it closes nothing. */
export function withAdditions(data: AnnData, additions: Additions): AnnData {
  const { obs, obsm, varm, obsp, layers, uns } = additions;
  return new AnnData({
    obs: new DataFrame(data.obs.index, [...data.obs.columns, ...(obs ?? [])], data.obs.indexName),
    var: data.var,
    X: data.X,
    layers: [...data.layers, ...(layers ?? [])],
    obsm: [...data.obsm, ...(obsm ?? [])],
    varm: [...data.varm, ...(varm ?? [])],
    obsp: [...data.obsp, ...(obsp ?? [])],
    varp: data.varp,
    uns: [...data.uns, ...(uns ?? [])],
    raw: data.raw,
    source: data.source,
  });
}
