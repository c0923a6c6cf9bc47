/** @file Asked rows as runs of neighbours, each of which one reading brings in. */

/** Places in a list of asked rows; the rows at these places are read together, as one range. */
export interface RowRun {
  /** First row of the range. */
  readonly start: number;
  /** Past its last row. */
  readonly end: number;
  /** Places of the asked rows, by ascending row. */
  readonly places: Int32Array;
}

/** Rows nobody asked for that are read along rather than begin a new range: cheaper than another call. */
const widestGap = 16;

/** Longest range: a dense file's block must not fill the memory. */
const longestRun = 256;

/**
 * Groups asked rows into ranges.
 *
 * @param rows in any order, repeats allowed
 * @param edges ascending rows at which a new range must begin, such as where the next file's rows start
 */
export function rowRuns(rows: ArrayLike<number>, edges: ArrayLike<number> = []): RowRun[] {
  const order = Int32Array.from({ length: rows.length }, (_, place) => place);
  order.sort((a, b) => rows[a] - rows[b] || a - b);
  const runs: RowRun[] = [];
  let edge = 0;
  for (let from = 0; from < order.length; ) {
    const start = rows[order[from]];
    while (edge < edges.length && edges[edge] <= start) edge++;
    const limit = Math.min(start + longestRun, edge < edges.length ? edges[edge] : Number.POSITIVE_INFINITY);
    let end = start + 1;
    let to = from + 1;
    for (; to < order.length; to++) {
      const row = rows[order[to]];
      if (row >= limit || row > end + widestGap) break;
      end = row + 1;
    }
    runs.push({ start, end, places: order.subarray(from, to) });
    from = to;
  }
  return runs;
}
