/** @file Whether an AnnData still holds exactly what was read from its file. */

import type { AnnData, Mirror, Unstructured } from '../anndata.ts';
import { DataFrame } from '../data-frame.ts';

/** Records what the parts of a freshly read AnnData are, to be compared with them later. */
export function mirrorOf(data: AnnData, path: string): Mirror {
  const before = parts(data);
  return {
    path,
    matches(now) {
      const after = parts(now);
      return after.length === before.length && after.every((part, i) => Object.is(part, before[i]));
    },
  };
}

/** Every key and every value, by identity: typed arrays are not looked into. */
function parts(data: AnnData): unknown[] {
  const { obs, var: genes, X, layers, obsm, varm, obsp, varp, uns, raw } = data;
  return [obs.columns, genes.columns, layers, obsm, varm, obsp, varp, uns]
    .flatMap(entries)
    .concat(obs, genes, X, raw);
}

function entries(map: ReadonlyMap<string, unknown>): unknown[] {
  return [...map].flatMap(([key, value]) => [key, ...insides(value as Unstructured)]);
}

function insides(value: Unstructured): unknown[] {
  if (value instanceof Map) return [value, ...entries(value)];
  if (value instanceof DataFrame) return [value, ...entries(value.columns)];
  return [value];
}
