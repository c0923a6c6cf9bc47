/** @file MuData: several modalities, each an AnnData with its own cells and features. */

import type { AnnData, Annotation, Unstructured } from '../anndata.ts';
import { DataFrame } from '../data-frame.ts';

/** The parts a MuData is made of. */
export interface MuDataParts {
  readonly modalities: Iterable<readonly [string, AnnData]>;
  /** The cells of any modality. Default: in the order in which modalities name them first. */
  readonly obs?: DataFrame | undefined;
  /** The features of all modalities, one after the other. */
  readonly var?: DataFrame | undefined;
  readonly obsm?: Iterable<readonly [string, Annotation]>;
  readonly obsp?: Iterable<readonly [string, Annotation]>;
  readonly uns?: Iterable<readonly [string, Unstructured]> | undefined;
  readonly source?: string | undefined;
  readonly onClose?: () => void | Promise<void>;
}

/**
 * Modalities of cells that overlap in all, some or none (Bredikhin et al. 2022, doi:10.1186/s13059-021-02577-8).
 * Matrices are read lazily: close last.
 */
export class MuData {
  readonly modalities: ReadonlyMap<string, AnnData>;
  readonly obs: DataFrame;
  readonly var: DataFrame;
  readonly obsm: Map<string, Annotation>;
  readonly obsp: Map<string, Annotation>;
  readonly uns: Map<string, Unstructured>;
  readonly source: string | undefined;
  private readonly onClose: (() => void | Promise<void>) | undefined;

  constructor(parts: MuDataParts) {
    this.modalities = new Map(parts.modalities);
    this.obs = parts.obs ?? new DataFrame(unionOfNames([...this.modalities.values()].map(({ obs }) => obs)));
    this.var =
      parts.var ??
      new DataFrame([...this.modalities.values()].flatMap(({ var: features }) => features.index));
    this.obsm = new Map(parts.obsm);
    this.obsp = new Map(parts.obsp);
    this.uns = new Map(parts.uns);
    this.source = parts.source;
    this.onClose = parts.onClose;
  }

  /** For each cell, its row in a modality plus 1; 0 where the modality lacks it. As `obsmap` is stored. */
  rowsOf(modality: AnnData): Int32Array {
    return placesOf(this.obs.index, modality.obs.index);
  }

  /** Closes the files behind lazily read parts. */
  async close(): Promise<void> {
    await this.onClose?.();
  }
}

function unionOfNames(frames: readonly DataFrame[]): string[] {
  return [...new Set(frames.flatMap(({ index }) => index))];
}

/** Where each name is in a list, plus 1; 0 for names that are not there. */
export function placesOf(names: readonly string[], list: readonly string[]): Int32Array {
  const place = new Map(list.map((name, i) => [name, i + 1]));
  return Int32Array.from(names, (name) => place.get(name) ?? 0);
}
