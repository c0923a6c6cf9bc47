/** @file The best and the second-best class of every cell. */

/** The best and the second-best class of each cell; -1 for cells that are not known. */
export function bestTwo(
  scores: Float64Array,
  classCount: number,
  known: ArrayLike<number>,
): { readonly codes: Int32Array; readonly second: Int32Array } {
  const codes = new Int32Array(known.length).fill(-1);
  const second = new Int32Array(known.length).fill(-1);
  for (let cell = 0; cell < known.length; cell++) {
    if (known[cell] === 0) continue;
    const row = scores.subarray(cell * classCount, (cell + 1) * classCount);
    const order = Array.from(row.keys()).sort((a, b) => row[b] - row[a] || a - b);
    codes[cell] = order[0];
    if (classCount > 1) second[cell] = order[1];
  }
  return { codes, second };
}
