/** @file How well ranked targets agree with known ones, beside co-expression and chance. */

import {
  type EdgeCandidates,
  type EdgeScores,
  edgeScores,
  type KnownEdge,
} from '../../analysis/gene-networks/edge-scores.ts';
import { InputError } from '../../support/errors.ts';
import { randomStream } from '../../support/random.ts';
import type { RegulatorTarget } from './targets.ts';

/** A way to rank edges and how it did. */
export interface RankedEdges {
  readonly name: string;
  readonly ours: boolean;
  readonly auroc: number;
  readonly aupr: number;
  readonly earlyPrecisionRatio: number;
  /** How often random ranks reach the AUROC; null for what is random. */
  readonly p: number | null;
}

/** Agreement with known edges. */
export interface KnownEdgeScores {
  /** Known edges from the regulators to genes of the network. */
  readonly edges: number;
  readonly candidates: number;
  /** `known`: candidates are targets of any regulator of the table; `all`: every gene, where that leaves no others. */
  readonly against: 'known' | 'all';
  /** Regulators with a known edge here. */
  readonly regulators: readonly string[];
  readonly methods: readonly RankedEdges[];
  /** Of known signs, how many co-expression agrees with, by condition; empty where the table has none. */
  readonly signs: readonly { readonly condition: string; readonly known: number; readonly agree: number }[];
}

/** What is scored. */
export interface ScoredNetwork {
  readonly genes: readonly string[];
  readonly regulators: readonly string[];
  readonly targets: readonly RegulatorTarget[];
  readonly conditions: readonly { readonly name: string }[];
  readonly seed: number;
}

/** Random rankings that stand for chance. */
export const randomRankings = 199;

/** Known edges from regulators to other genes of the network. */
function edgesHere(
  known: readonly KnownEdge[],
  regulators: readonly string[],
  genes: readonly string[],
): readonly KnownEdge[] {
  const [from, to] = [new Set(regulators), new Set(genes)];
  return known.filter(
    ({ regulator, target }) => from.has(regulator) && to.has(target) && regulator !== target,
  );
}

/** @throws InputError when no known edge goes from a regulator to a gene of the network */
export function requireKnownEdges(
  known: readonly KnownEdge[],
  regulators: readonly string[],
  genes: readonly string[],
): void {
  if (edgesHere(known, regulators, genes).length > 0) return;
  const theirs = [...new Set(known.map(({ regulator }) => regulator))];
  const shared = theirs.filter((name) => regulators.includes(name));
  throw new InputError({
    what: `none of ${known.length} known edges goes from ${regulators.slice(0, 5).join(', ')} to one of the ${genes.length} genes`,
    expected: `known targets of these regulators among the genes; the table has ${theirs.slice(0, 5).join(', ')} and others`,
    advice:
      shared.length === 0
        ? 'Choose regulators that the table has. Are both named by symbols of the same species?'
        : `Targets of ${shared.slice(0, 5).join(', ')} are known, but are not among these genes: take more with --genes`,
    reason: 'no_known_edges',
  });
}

/** Scores attention, co-expression and random ranks by the same candidates. */
export function scoreKnownEdges(known: readonly KnownEdge[], network: ScoredNetwork): KnownEdgeScores {
  const { genes, regulators, targets, conditions, seed } = network;
  const place = new Map(genes.map((gene, i) => [gene, i]));
  const edgeAt = new Map(
    targets.map((each) => [
      (place.get(each.regulator) as number) * genes.length + (place.get(each.target) as number),
      each,
    ]),
  );
  const score = (of: (edge: RegulatorTarget) => number, candidates: EdgeCandidates): EdgeScores =>
    edgeScores(
      genes,
      known,
      (regulator, target) => {
        const edge = edgeAt.get(regulator * genes.length + target);
        return edge === undefined ? 0 : of(edge) || 0; // a constant gene correlates with nothing
      },
      candidates,
    );
  const narrow = score(() => 0, { regulators });
  const against = narrow.edges < narrow.candidates ? 'known' : 'all';
  const candidates: EdgeCandidates = { regulators, targets: against };
  const random = randomStream(seed, 'known edges');
  const draws = Array.from({ length: randomRankings }, () => score(() => random.uniform(), candidates));
  const asGood = (auroc: number): number => draws.filter((draw) => draw.auroc >= auroc).length;
  const ranked = (name: string, ours: boolean, of: (edge: RegulatorTarget) => number): RankedEdges => {
    const { auroc, aupr, earlyPrecisionRatio } = score(of, candidates);
    return { name, ours, auroc, aupr, earlyPrecisionRatio, p: (1 + asGood(auroc)) / (1 + randomRankings) };
  };
  const in_ = (condition: string): string => (conditions.length === 1 ? '' : `, ${condition}`);
  const compared = targets.some(({ difference }) => difference !== null);
  const mean = (of: (draw: EdgeScores) => number): number =>
    draws.reduce((sum, draw) => sum + of(draw), 0) / draws.length;
  const here = edgesHere(known, regulators, genes);
  return {
    edges: narrow.edges,
    candidates: draws[0].candidates,
    against,
    regulators: [...new Set(here.map(({ regulator }) => regulator))],
    methods: [
      ...conditions.flatMap(({ name }, i) => [
        ranked(`attention${in_(name)}`, true, ({ attention }) => attention[i]),
        ranked(`co-expression${in_(name)}`, false, ({ coExpression }) => Math.abs(coExpression[i])),
      ]),
      ...(compared
        ? [
            ranked('attention, size of the difference', true, ({ difference }) => Math.abs(difference ?? 0)),
            ranked('co-expression, size of the difference', false, ({ coExpression: [a, b] }) =>
              Math.abs(a - b),
            ),
          ]
        : []),
      {
        name: `random, mean of ${randomRankings}`,
        ours: false,
        auroc: mean(({ auroc }) => auroc),
        aupr: mean(({ aupr }) => aupr),
        earlyPrecisionRatio: mean(({ earlyPrecisionRatio }) => earlyPrecisionRatio),
        p: null,
      },
    ],
    signs: signsOf(here, network, (edge) =>
      edgeAt.get((place.get(edge.regulator) as number) * genes.length + (place.get(edge.target) as number)),
    ),
  };
}

/** Whether genes go up together where one activates the other, and against each other where it represses. */
function signsOf(
  here: readonly KnownEdge[],
  { conditions }: ScoredNetwork,
  edgeOf: (edge: KnownEdge) => RegulatorTarget | undefined,
): KnownEdgeScores['signs'] {
  const signed = here.filter(({ sign }) => sign !== undefined);
  if (signed.length === 0) return [];
  return conditions.map(({ name }, i) => {
    const products = signed
      .map((edge) => (edge.sign ?? 0) * (edgeOf(edge)?.coExpression[i] ?? Number.NaN))
      .filter(Number.isFinite);
    return {
      condition: name,
      known: products.length,
      agree: products.filter((product) => product > 0).length,
    };
  });
}
