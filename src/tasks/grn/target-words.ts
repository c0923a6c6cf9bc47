/** @file Targets of regulators in sentences, for terminal and report alike. */

import { count, plural } from '../../support/words.ts';
import type { KnownEdgeScores } from './known-edge-scores.ts';
import type { RegulatorTargetsResult } from './targets.ts';

/** Below this an edge counts as found. */
const significant = 0.05;

/** Edges below 5 % false discoveries: by condition, then of the difference. */
export function significantEdges({ targets, conditions, compared }: RegulatorTargetsResult): number[] {
  return [
    ...conditions.map(
      (_, i) => targets.filter(({ falseDiscoveryRate }) => falseDiscoveryRate[i] < significant).length,
    ),
    ...(compared
      ? [
          targets.filter(({ differenceRate }) => differenceRate !== null && differenceRate < significant)
            .length,
        ]
      : []),
  ];
}

/** What came out, the headline first. */
export function targetSentences(result: RegulatorTargetsResult): string[] {
  const { conditions, regulators, targets, compared, known } = result;
  const found = significantEdges(result);
  const all = plural(targets.length, 'edge');
  return [
    `${plural(targets.length, 'edge')} from ${plural(regulators.length, 'regulator')} ranked by attention in ${conditions
      .map(({ name, cells }) => `${name} (${plural(cells, 'cell')})`)
      .join(', ')}.`,
    ...conditions.map(
      ({ name }, i) =>
        `In ${name}, ${count(found[i])} of ${all} rank above the other genes in the regulator's place (5 % false discoveries).`,
    ),
    ...(compared
      ? [
          `${count(found[conditions.length])} of ${all} differ between ${conditions[0].name} and ${conditions[1].name} (5 % false discoveries, shuffled cells).`,
        ]
      : []),
    ...(known === null ? [] : knownSentences(known)),
  ];
}

/** What known edges say of the ranks. */
export function knownSentences({ edges, candidates, methods, signs }: KnownEdgeScores): string[] {
  const attention = methods.filter(({ ours }) => ours);
  const plain = methods.filter(({ ours, p }) => !ours && p !== null);
  const [best, bestPlain] = [attention, plain].map((group) =>
    group.reduce((a, b) => (b.auroc > a.auroc ? b : a)),
  );
  const chance = Math.min(1, (best.p ?? 1) * attention.length); // the best of several rankings
  const scores = `By ${plural(edges, 'known edge')} among ${plural(candidates, 'pair')}, attention reaches an AUROC of ${best.auroc.toFixed(3)} at best (${best.name}), co-expression ${bestPlain.auroc.toFixed(3)}, chance 0.500; p ${chance.toFixed(3)}${attention.length > 1 ? `, corrected for ${attention.length} rankings` : ''}`;
  const verdict =
    chance >= significant
      ? 'attention tells known targets from others no better than chance.'
      : best.auroc > bestPlain.auroc
        ? 'attention tells known targets from others better than chance and than co-expression here.'
        : 'attention is better than chance, and co-expression is as good or better here.';
  const signed = signs.filter(({ known }) => known > 0);
  return [
    `${scores}: ${verdict}`,
    ...(signed.length === 0
      ? []
      : [
          `Of known signs, co-expression has ${signed
            .map(({ condition, known, agree }) => `${count(agree)} of ${count(known)} in ${condition}`)
            .join(', ')}; attention has none.`,
        ]),
  ];
}

/** How directions, signs and p are to be read. */
export function readingParagraphs({ compared, conditions }: RegulatorTargetsResult): string[] {
  return [
    'Direction: an edge goes from the regulator, whose key is asked for, to the target, whose query asks. It says that the model builds what it knows of the target from the regulator more than from other genes. That is who reads whom in the model, not proof of who acts on whom in the cell.',
    'Rank: in each cell and head the products of query and key are ranked within rows and then within columns, 0 to 1, and averaged over heads and cells. p is the share of other genes in the regulator’s place that the target reads as much; FDR corrects it over all edges of the condition.',
    'Sign: attention has none, and a high rank is no activation. The sign of co-expression stands beside it: above 0 both genes go up together in these cells, which may be activation, a common cause, or one cell type.',
    ...(compared
      ? [
          `Difference: ${conditions[0].name} less ${conditions[1].name}. Above 0 the target reads more from the regulator in ${conditions[0].name}. p is how often cells dealt to the two conditions at random differ as much, either way; cells of one donor are not independent, so that small p overstates what donors show.`,
        ]
      : []),
  ];
}
