/** @file The section with the quick scores of model and baseline, side by side. */

import type { QuickScores } from '../../analysis/quick-scores.ts';
import { count } from '../../support/words.ts';
import { html, type Markup, none } from '../markup.ts';
import { percent, score } from '../numbers.ts';
import { csvLink } from '../tables.ts';
import type { QuickScoresSection } from '../task-report.ts';
import { sectionMarkup } from './parts.ts';

/** A score: how it is called, read off and drawn. */
interface Measure {
  readonly name: string;
  /** How to read it, in a few words. */
  readonly hint: string;
  readonly key: string;
  readonly of: (scores: QuickScores) => number;
  readonly chance: (scores: QuickScores) => number;
  readonly range: readonly [low: number, high: number];
  readonly text: (value: number) => string;
}

const measures: readonly Measure[] = [
  {
    name: 'Neighbours’ vote is right',
    hint: 'share of cells',
    key: 'neighbour_agreement',
    of: ({ agreement }) => agreement.accuracy,
    chance: ({ agreement }) => agreement.largestGroup,
    range: [0, 1],
    text: percent,
  },
  {
    name: '… mean over groups',
    hint: 'rare groups count as much',
    key: 'neighbour_agreement_mean_over_groups',
    of: ({ agreement }) => agreement.meanOverGroups,
    chance: ({ groups }) => 1 / groups,
    range: [0, 1],
    text: percent,
  },
  {
    name: 'Silhouette width',
    hint: '−1 to 1; 0 where groups overlap',
    key: 'silhouette_width',
    of: ({ silhouette }) => silhouette,
    chance: () => 0,
    range: [-1, 1],
    text: score,
  },
  {
    name: 'Neighbours of other groups',
    hint: '0 apart, 1 mixed',
    key: 'neighbour_mixing',
    of: ({ mixing }) => mixing,
    chance: () => 1,
    range: [0, 1.2],
    text: score,
  },
];

/** Scores by column, the first of them open. */
export function quickScoresSection(section: QuickScoresSection): Markup {
  const { name, model, baseline, first } = section;
  const pairs = model.scores.map((scores) => ({
    model: scores,
    baseline: baseline?.scores.find((other) => other.name === scores.name),
  }));
  if (pairs.length === 0) {
    return sectionMarkup(
      section,
      html`<p>No column of obs sorts the cells into groups, so there is nothing to score the embedding against.</p>`,
    );
  }
  const shown = pairs.find((pair) => pair.model.name === first) ?? pairs[0];
  const more = pairs.filter((pair) => pair !== shown);
  const baselineTitle = baseline?.title ?? null;
  const table = (part: readonly ScorePair[]) =>
    html`<table class="scores">${headOf(model.title, baselineTitle)}${part.map((pair) => rowsOf(pair, baselineTitle !== null))}</table>`;
  return sectionMarkup(
    section,
    html`${sentence(shown)}
${table([shown])}
${more.length === 0 ? none : html`<details><summary>${count(more.length)} more ${more.length === 1 ? 'column' : 'columns'}</summary>${table(more)}</details>`}
${explanation(model.scores[0])}`,
    csvOf(name, pairs),
  );
}

interface ScorePair {
  readonly model: QuickScores;
  readonly baseline: QuickScores | undefined;
}

function sentence({ model, baseline }: ScorePair): Markup {
  const right = (scores: QuickScores) => percent(scores.agreement.accuracy);
  const beside = baseline === undefined ? '' : `, ${right(baseline)} in the baseline’s`;
  return html`<p>The ${model.k} nearest neighbours of a cell name its <b>${model.name}</b> in ${right(model)} of cells in the
model’s embedding${beside}; always naming the largest group would be right in ${percent(model.agreement.largestGroup)}.</p>`;
}

function headOf(modelTitle: string, baselineTitle: string | null): Markup {
  const baseline =
    baselineTitle === null ? none : html`<th scope="col" class="number baseline">${baselineTitle}</th>`;
  return html`<thead><tr><th scope="col">Score</th><th scope="col" class="number model">${modelTitle}</th>${baseline}<th
scope="col" class="number">By chance</th><th class="line"></th></tr></thead>`;
}

function rowsOf({ model, baseline }: ScorePair, withBaseline: boolean): Markup {
  const rows = measures.map((measure) => {
    const value = measure.of(model);
    const other = baseline === undefined ? Number.NaN : measure.of(baseline);
    const chance = measure.chance(model);
    return html`<tr><td>${measure.name} <small>${measure.hint}</small></td><td class="number model">${measure.text(value)}</td>${
      withBaseline ? html`<td class="number baseline">${measure.text(other)}</td>` : none
    }<td class="number">${measure.text(chance)}</td><td class="line">${chart(measure, value, other, chance)}</td></tr>`;
  });
  return html`<tbody><tr><th scope="rowgroup" colspan="5">${model.name} <small>${count(model.groups)} groups</small></th></tr>${rows}</tbody>`;
}

/** Both values on one line: the model's filled, the baseline's hollow, chance as a tick. */
function chart({ range: [low, high] }: Measure, model: number, baseline: number, chance: number): Markup {
  const at = (value: number) => (8 + 204 * Math.max(0, Math.min(1, (value - low) / (high - low)))).toFixed(1);
  const dot = (value: number, kind: string) =>
    Number.isNaN(value) ? none : html`<circle class="${kind}" cx="${at(value)}" cy="9" r="5"/>`;
  return html`<svg viewBox="0 0 220 18" aria-hidden="true"><line x1="8" x2="212" y1="9" y2="9"/><line class="chance" x1="${at(chance)}" x2="${at(chance)}" y1="3" y2="15"/>${dot(baseline, 'baseline')}${dot(model, 'model')}</svg>`;
}

function explanation({ k, silhouetteCells }: QuickScores): Markup {
  return html`<details><summary>What the scores mean</summary>
<p class="note"><b>Neighbours’ vote is right</b>: share of cells whose ${k} nearest other cells mostly belong to the cell’s
own group, a tie going to the nearer; cells without a value do not vote. The mean over groups counts rare groups as much
as large ones. By chance: always naming the largest group; one over the number of groups.</p>
<p class="note"><b>Silhouette width</b>, −1 to 1: how much nearer cells lie to their own group than to the next, averaged over
${count(silhouetteCells)} cells; 0 where groups overlap.</p>
<p class="note"><b>Neighbours of other groups</b>, as a share of what random placing would give: 1 when groups are mixed, 0 when
they lie apart.</p>
<p class="note">For cell types a high vote and little mixing are wanted; for batches, donors or plates it is the other way round.
These are quick looks at embeddings that were not tuned on the labels. They are not the scIB benchmark, and labels that
were themselves made by clustering principal components favour the baseline.</p></details>`;
}

function csvOf(name: string, pairs: readonly ScorePair[]): Markup {
  const header = ['column', 'groups', 'score', 'model', 'baseline', 'by_chance'];
  const rows = pairs.flatMap(({ model, baseline }) =>
    measures.map((measure) => [
      model.name,
      model.groups,
      measure.key,
      measure.of(model),
      baseline === undefined ? '' : measure.of(baseline),
      measure.chance(model),
    ]),
  );
  return csvLink(`${name}.csv`, header, rows);
}
