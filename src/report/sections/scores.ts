/** @file The section that puts methods beside each other: a bar for each score, best values bold, ours marked. */

import { html, type Markup, none } from '../markup.ts';
import { metricGroups, type RankedScore, ranked } from '../ranking.ts';
import { csvLink } from '../tables.ts';
import type { ScoresSection } from '../task-report.ts';
import { sectionMarkup } from './parts.ts';

export function scoresSection(section: ScoresSection): Markup {
  const { name, metrics } = section;
  const rows = ranked(section);
  const csv = csvLink(
    `${name}.csv`,
    ['method', ...metrics.map(({ key }) => key), 'this_run', 'note'],
    rows.map(({ method, scores }) => [
      method.name,
      ...scores.map(({ value }) => (Number.isNaN(value) ? '' : value)),
      method.ours ? 'yes' : 'no',
      method.note ?? '',
    ]),
  );
  const lines = rows.map(
    ({
      method,
      scores,
    }) => html`<tr${method.ours ? html` class="ours"` : none}><th scope="row">${method.name}${method.ours ? html` <em>this run</em>` : none}${method.note === undefined ? none : html`<small>${method.note}</small>`}</th>${scores.map(cell)}</tr>
`,
  );
  return sectionMarkup(
    section,
    html`<div class="table-scroll"><table class="methods">${headOf(section)}<tbody>${lines}</tbody></table></div>`,
    csv,
  );
}

function headOf({ metrics }: ScoresSection): Markup {
  const grouped = metrics.some(({ group }) => group !== undefined);
  const groups = metricGroups(metrics).map(
    ({ title, size }) =>
      html`<th scope="colgroup" colspan="${size}">${title === '' ? none : html`<span>${title}</span>`}</th>`,
  );
  const heads = metrics.map(
    ({ title, hint, lowerIsBetter }) =>
      html`<th scope="col"${hint === undefined ? none : html` title="${hint}"`}>${title}${lowerIsBetter === true ? html` <small>lower is better</small>` : none}</th>`,
  );
  return html`<thead>${grouped ? html`<tr class="groups"><td></td>${groups}</tr>` : none}<tr><th scope="col">Method</th>${heads}</tr></thead>`;
}

function cell({ text, best, length, value }: RankedScore): Markup {
  const bar = Number.isNaN(value)
    ? none
    : html`<span class="track"><i style="width:${(100 * length).toFixed(1)}%"></i></span>`;
  return html`<td>${best ? html`<b>${text}</b>` : text}${bar}</td>`;
}
