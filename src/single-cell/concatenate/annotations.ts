/** @file Named elements of several inputs: those that all have, those that all share, and arrays below one another. */

import type { Annotation, DenseArray, Unstructured } from '../anndata.ts';
import { DataFrame } from '../data-frame.ts';
import type { Matrix, NumericArray } from '../matrix.ts';
import { arrayOf, commonDtype } from './dtypes.ts';
import { sameContent } from './equal.ts';
import { joinMatrices } from './matrix.ts';

/** Elements of one group by name, one map an input. */
type Maps<V> = readonly ReadonlyMap<string, V>[];

/** The elements that every input has; the names of the others are noted in `dropped`. */
export function inAll<V>(maps: Maps<V>, group: string, dropped: string[]): [string, V[]][] {
  const names = [...new Set(maps.flatMap((map) => [...map.keys()]))];
  const everywhere = names.filter((name) => maps.every((map) => map.has(name)));
  dropped.push(...names.filter((name) => !everywhere.includes(name)).map((name) => `${group}/${name}`));
  return everywhere.map((name) => [name, maps.map((map) => map.get(name)!)]);
}

/** The elements that are the same in every input. */
export function shared<V extends Annotation | Unstructured>(
  maps: Maps<V>,
  group: string,
  dropped: string[],
): [string, V][] {
  return inAll(maps, group, dropped).flatMap(([name, [first, ...others]]) => {
    if (others.every((other) => sameContent(first, other))) return [[name, first]];
    dropped.push(`${group}/${name}`);
    return [];
  });
}

/** Notes all names of a group as dropped. */
export function none(maps: Maps<unknown>, group: string, dropped: string[]): [] {
  const names = new Set(maps.flatMap((map) => [...map.keys()]));
  dropped.push(...Array.from(names, (name) => `${group}/${name}`));
  return [];
}

/** The elements that every input has in the same width, below one another. */
export function stacked(maps: Maps<Annotation>, group: string, dropped: string[]): [string, Annotation][] {
  return inAll(maps, group, dropped).flatMap(([name, elements]) => {
    const joined = joinElements(elements);
    if (joined !== undefined) return [[name, joined]];
    dropped.push(`${group}/${name}`);
    return [];
  });
}

function joinElements(elements: readonly Annotation[]): Annotation | undefined {
  const arrays = elements.filter((element): element is DenseArray => 'kind' in element);
  const matrices = elements.filter(
    (element): element is Matrix => !('kind' in element || element instanceof DataFrame),
  );
  const widths = new Set([...arrays, ...matrices].map(({ shape }) => shape.slice(1).join()));
  if (widths.size > 1) return undefined;
  if (arrays.length === elements.length) return joinArrays(arrays);
  if (matrices.length < elements.length) return undefined;
  const places = Int32Array.from({ length: matrices[0].shape[1] }, (_, i) => i);
  return joinMatrices(
    matrices,
    matrices.map(() => places),
    places.length,
  );
}

/** Arrays below one another, put together when first looked at. */
function joinArrays(arrays: readonly DenseArray[]): DenseArray {
  const dtype = commonDtype(arrays.map((array) => array.dtype));
  const rows = arrays.reduce((sum, { shape }) => sum + shape[0], 0);
  const rest = arrays[0].shape.slice(1);
  let joined: NumericArray | undefined;
  return {
    kind: 'dense',
    dtype,
    shape: [rows, ...rest],
    get values() {
      joined ??= join(
        arrays,
        arrayOf(
          dtype,
          rest.reduce((product, extent) => product * extent, rows),
        ),
      );
      return joined;
    },
  };
}

function join(arrays: readonly DenseArray[], whole: NumericArray): NumericArray {
  let from = 0;
  for (const { values } of arrays) {
    whole.set(values, from);
    from += values.length;
  }
  return whole;
}
