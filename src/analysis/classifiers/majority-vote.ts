/** @file One label for all cells of a cluster: what most of them were called. */

export interface MajorityVoteOptions {
  /** A cluster gets no label when a smaller share of its cells has the commonest. Default 0, CellTypist's. */
  readonly minimumShare?: number | undefined;
}

/** What clusters voted for. */
export interface MajorityVote {
  /** Each cell's class, or -1 where its cluster has no label. */
  readonly codes: Int32Array; // [cells]
  /** Share of the cluster's cells that have its commonest label; 0 where no cell has one. */
  readonly shares: Float32Array; // [cells]
}

/**
 * CellTypist's majority voting: each cluster gets its commonest label, of equally common ones the first class.
 *
 * @param codes each cell's class, or -1 for none: such a cell has no vote, but counts as part of its cluster
 * @param clusters each cell's cluster, any whole numbers from 0; finer than the types that are to be told apart
 *   (CellTypist: Leiden at resolution 5 below 5,000 cells, 10 below 20,000, and so on)
 */
export function majorityVote(
  codes: Int32Array,
  clusters: Int32Array,
  { minimumShare = 0 }: MajorityVoteOptions = {},
): MajorityVote {
  const votes = new Map<number, Map<number, number>>();
  const sizes = new Map<number, number>();
  codes.forEach((code, cell) => {
    const cluster = clusters[cell];
    sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
    if (code < 0) return;
    const counts = votes.get(cluster) ?? new Map<number, number>();
    votes.set(cluster, counts.set(code, (counts.get(code) ?? 0) + 1));
  });
  const winners = new Map<number, { readonly code: number; readonly share: number }>();
  for (const [cluster, counts] of votes) {
    const [[winner, most]] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const share = most / sizes.get(cluster)!;
    winners.set(cluster, { code: share >= minimumShare ? winner : -1, share });
  }
  return {
    codes: clusters.map((cluster) => winners.get(cluster)?.code ?? -1),
    shares: Float32Array.from(clusters, (cluster) => winners.get(cluster)?.share ?? 0),
  };
}
