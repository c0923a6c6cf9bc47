/** @file Scores of other tools on the same sets, as the benchmark folder stores them. */

import { readFileSync } from 'node:fs';

interface StoredScore {
  readonly dataset: string;
  readonly method: string;
  readonly metric: string;
  readonly mean: number | null;
  readonly uses_labels: boolean;
}

/** One tool's scores on one set, by metric. */
export interface PeerScores {
  readonly method: string;
  readonly scores: Readonly<Record<string, number>>;
}

export class StoredPeers {
  private readonly stored: readonly StoredScore[];

  /** @param path a JSON list of scores */
  constructor(path: string) {
    this.stored = JSON.parse(readFileSync(path, 'utf8'));
  }

  /** The scores of a method by name. */
  of(set: string, method: string): PeerScores | undefined {
    const scores = this.stored.filter((score) => score.dataset === set && score.method === method);
    if (scores.length === 0) return undefined;
    return {
      method,
      scores: Object.fromEntries(
        scores.flatMap(({ metric, mean }) => (mean === null ? [] : [[metric, mean]])),
      ),
    };
  }

  /** The method with the highest score; `unsupervised` leaves out those that see the labels they are scored with. */
  best(set: string, metric: string, { unsupervised }: { unsupervised: boolean }): PeerScores | undefined {
    const [first] = this.stored
      .filter((score) => score.dataset === set && score.metric === metric && score.mean !== null)
      .filter((score) => !(unsupervised && score.uses_labels))
      .sort((a, b) => Number(b.mean) - Number(a.mean));
    return first === undefined ? undefined : this.of(set, first.method);
  }
}
