/** @file How well scores of gene pairs agree with known regulator-target edges. */

import { InputError } from '../../support/errors.ts';

/** A known edge, by names of genes. */
export interface KnownEdge {
  readonly regulator: string;
  readonly target: string;
  /** 1 where the regulator activates, -1 where it represses; absent where nobody knows, or both. */
  readonly sign?: 1 | -1 | undefined;
}

/** Which pairs are scored. */
export interface EdgeCandidates {
  /** Default every regulator with a known edge to one of the genes. */
  readonly regulators?: readonly string[] | undefined;
  /** `known`: genes that any regulator is known to have as its target. `all`: every gene. Default `known`. */
  readonly targets?: 'known' | 'all' | undefined;
}

/** Agreement with known edges. */
export interface EdgeScores {
  /** 0.5 is chance. */
  readonly auroc: number;
  /** Average precision; chance is the share of edges among the candidates. */
  readonly aupr: number;
  /** Average precision over that share: 1 is chance. */
  readonly auprRatio: number;
  /** Early precision: among as many best pairs as there are true edges, over their share: 1 is chance. */
  readonly earlyPrecisionRatio: number;
  readonly edges: number;
  readonly candidates: number;
}

/**
 * Scores every regulator with a known edge against every target with one, without self edges.
 *
 * @param scoreOf of a regulator and a target, by index; higher for likelier edges
 * @throws InputError when no known edge is between these genes
 */
export function edgeScores(
  genes: readonly string[],
  known: readonly KnownEdge[],
  scoreOf: (regulator: number, target: number) => number,
  { regulators: asked, targets: which = 'known' }: EdgeCandidates = {},
): EdgeScores {
  const place = new Map(genes.map((gene, i) => [gene, i]));
  const wanted = new Set(asked ?? genes);
  const truth = new Set<number>();
  const regulators = new Set<number>();
  const targets = new Set<number>(which === 'all' ? genes.keys() : []);
  for (const edge of known) {
    const [regulator, target] = [place.get(edge.regulator), place.get(edge.target)];
    if (target === undefined || edge.regulator === edge.target) continue;
    // Where regulators are chosen, targets of others are candidates too: else one regulator would leave no other pairs.
    if (asked !== undefined) targets.add(target);
    if (regulator === undefined || !wanted.has(edge.regulator)) continue;
    truth.add(regulator * genes.length + target);
    regulators.add(regulator);
    targets.add(target);
  }
  if (truth.size === 0) {
    throw new InputError({
      what: `none of ${known.length} known edges is between two of the ${genes.length} genes`,
      advice: 'Are both named by symbols of the same species?',
      reason: 'no_known_edges',
    });
  }
  const scored: { readonly score: number; readonly edge: boolean }[] = [];
  for (const regulator of regulators) {
    for (const target of targets) {
      if (regulator === target) continue;
      scored.push({ score: scoreOf(regulator, target), edge: truth.has(regulator * genes.length + target) });
    }
  }
  scored.sort((a, b) => b.score - a.score);
  const positives = truth.size;
  const base = positives / scored.length;
  const early = scored.slice(0, positives).filter(({ edge }) => edge).length / positives;
  return {
    ...rankScores(scored, positives, base),
    earlyPrecisionRatio: early / base,
    edges: positives,
    candidates: scored.length,
  };
}

/** AUROC and AUPR over falling scores; equal scores count together. */
function rankScores(
  scored: readonly { readonly score: number; readonly edge: boolean }[],
  positives: number,
  base: number,
): { readonly auroc: number; readonly aupr: number; readonly auprRatio: number } {
  let [found, passed, area, precision] = [0, 0, 0, 0];
  for (let start = 0; start < scored.length; ) {
    let end = start;
    let edges = 0;
    while (end < scored.length && scored[end].score === scored[start].score)
      edges += scored[end++].edge ? 1 : 0;
    const others = end - start - edges;
    area += others * (found + edges / 2);
    found += edges;
    passed = end;
    precision += (edges / positives) * (found / passed);
    start = end;
  }
  const negatives = scored.length - positives;
  return {
    auroc: negatives === 0 ? Number.NaN : area / (positives * negatives),
    aupr: precision,
    auprRatio: precision / base,
  };
}
