/** @file Scores of other tools on the same sets, as the benchmark folder stores them. */

import { readFileSync } from 'node:fs';

interface StoredScore {
  readonly dataset: string;
  readonly method: string;
  readonly metric: string;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly n: number;
  readonly seconds: number | null;
  readonly uses_labels?: boolean;
}

/** One tool's scores on one set, by metric. */
export interface PeerScores {
  readonly method: string;
  readonly scores: Readonly<Record<string, number>>;
  /** Of the metrics that have one. */
  readonly deviations: Readonly<Record<string, number>>;
  readonly runs: number;
  readonly seconds: number | null;
  /** In integration, whether it sees the labels it is scored with. */
  readonly usesLabels: boolean;
}

export class StoredPeers {
  private readonly stored: readonly StoredScore[];

  /** @param path a JSON list of scores */
  constructor(path: string) {
    this.stored = JSON.parse(readFileSync(path, 'utf8'));
  }

  /** All methods that ran on a set. */
  on(set: string): PeerScores[] {
    const names = new Set(this.stored.flatMap(({ dataset, method }) => (dataset === set ? [method] : [])));
    return Array.from(names, (method) => this.of(set, method)).filter((peer) => peer !== undefined);
  }

  /** The scores of a method by name. */
  of(set: string, method: string): PeerScores | undefined {
    const found = this.stored.filter((score) => score.dataset === set && score.method === method);
    if (found.length === 0) return undefined;
    const numbers = (part: 'mean' | 'sd') =>
      Object.fromEntries(
        found.flatMap((score) => (score[part] === null ? [] : [[score.metric, score[part]]])),
      );
    const [{ n, seconds, uses_labels }] = found;
    return {
      method,
      scores: numbers('mean'),
      deviations: numbers('sd'),
      runs: n,
      seconds,
      usesLabels: uses_labels === true || isCeiling(method),
    };
  }

  /** The method with the highest score; `unsupervised` leaves out those that see the labels they are scored with. */
  best(set: string, metric: string, { unsupervised }: { unsupervised: boolean }): PeerScores | undefined {
    const [first] = this.stored
      .filter((score) => score.dataset === set && score.metric === metric && score.mean !== null)
      .filter((score) => !(unsupervised && score.uses_labels === true))
      .sort((a, b) => Number(b.mean) - Number(a.mean));
    return first === undefined ? undefined : this.of(set, first.method);
  }
}

/** Other cells of the truth itself: what could be reached at most, not a method. */
function isCeiling(method: string): boolean {
  return method.startsWith('ceiling');
}
