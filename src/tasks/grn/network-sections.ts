/** @file The part of a network that a figure can show: strong genes of large programs, strong targets of regulators. */

import type { Similarity } from '../../analysis/gene-networks/similarity.ts';
import type { NetworkEdge, NetworkNode, NetworkSection } from '../../report/task-report.ts';
import { plural } from '../../support/words.ts';
import type { FoundPrograms } from './programs.ts';
import type { RegulatorTarget } from './targets.ts';

/** What a figure has room for. */
const [mostPrograms, genesOfProgram, edgesOfGene] = [12, 10, 3];
const mostTargets = 120;

/**
 * The genes of the largest programs that are most like the others of their program, each joined with those it is most
 * like.
 *
 * @param titles of all programs, for the key
 */
export function programNetwork(
  { ranked, name }: FoundPrograms,
  similarity: Similarity,
  genes: readonly string[],
  titles: readonly string[],
  edgeTitle: string,
): NetworkSection {
  const shown = ranked.slice(0, mostPrograms);
  const places: number[] = [];
  const nodes: NetworkNode[] = [];
  shown.forEach((program, group) => {
    program.slice(0, genesOfProgram).forEach(({ gene, similarity: alike }, rank) => {
      places.push(gene);
      const weight = 1 - rank / genesOfProgram;
      nodes.push({ name: genes[gene], group, weight, note: `mean similarity ${alike.toFixed(2)}` });
    });
  });
  return {
    kind: 'network',
    name: 'network',
    title: 'Network of genes',
    note: `The ${plural(genesOfProgram, 'gene')} most like the others of their program (${name}), for the ${plural(shown.length, 'largest program')} of ${ranked.length}; each is joined with the ${edgesOfGene} shown genes that it is most like. Larger dots are nearer the middle of their program. Being alike has no direction and is not regulation. The whole network is in network.graphml.`,
    nodes,
    edges: nearestEdges(similarity, places),
    groups: titles.slice(0, shown.length),
    directed: false,
    edgeTitle,
  };
}

/** Each gene with those it is most like, above 0; an edge once, whichever end has chosen it. */
function nearestEdges({ count, values }: Similarity, genes: readonly number[]): NetworkEdge[] {
  const edges = new Map<number, NetworkEdge>();
  genes.forEach((gene, from) => {
    const others = genes
      .map((other, to) => ({ to, weight: values[gene * count + other] }))
      .filter(({ to, weight }) => to !== from && weight > 0)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, edgesOfGene);
    for (const { to, weight } of others) {
      const [low, high] = [Math.min(from, to), Math.max(from, to)];
      edges.set(low * genes.length + high, { from: low, to: high, weight });
    }
  });
  return [...edges.values()];
}

/** The strongest targets of each regulator. */
export function targetNetwork(
  top: readonly RegulatorTarget[],
  regulators: readonly string[],
  conditions: readonly string[],
): NetworkSection {
  const most = Math.max(1, Math.floor(mostTargets / Math.max(1, regulators.length)));
  const shown = regulators.flatMap((name) =>
    top.filter(({ regulator }) => regulator === name).slice(0, most),
  );
  const compared = shown.some(({ difference }) => difference !== null);
  const strengths = new Map<string, number>(regulators.map((name) => [name, 1]));
  const strength = ({ attention, difference }: RegulatorTarget): number =>
    difference ?? Math.max(...attention);
  const largest = Math.max(...shown.map((each) => Math.abs(strength(each))), 1e-9);
  for (const each of shown) {
    const share = (0.7 * Math.abs(strength(each))) / largest;
    strengths.set(each.target, Math.max(strengths.get(each.target) ?? 0, share));
  }
  const names = [...strengths.keys()];
  return {
    kind: 'network',
    name: 'network',
    title: 'Network of regulators and targets',
    note: `The ${plural(most, 'strongest target')} at most of each regulator. An arrow goes from the regulator, which is asked, to the target, which asks. ${
      compared
        ? `Widths are differences of attention rank, ${conditions[0]} less ${conditions[1]}; dashed where the target reads more in ${conditions[1]}.`
        : 'Widths are attention ranks, the largest of all conditions.'
    } It shows what the model reads, not what happens in cells. All of it is in network.graphml.`,
    nodes: names.map((name) => ({
      name,
      group: regulators.includes(name) ? 0 : 1,
      weight: strengths.get(name) ?? 0,
    })),
    edges: shown.map((each) => ({
      from: names.indexOf(each.regulator),
      to: names.indexOf(each.target),
      weight: strength(each),
    })),
    groups: ['regulator', 'target'],
    directed: true,
    edgeTitle: compared ? 'difference of attention rank' : 'attention rank',
    negativeTitle: compared ? `more in ${conditions[1]}` : undefined,
  };
}
