/** @file The section on the input: what its values are, and which genes the model knows. */

import type { GeneMatchReport } from '../../single-cell/genes/report.ts';
import { capitalised, count, plural } from '../../support/words.ts';
import { html, type Markup, none } from '../markup.ts';
import { percent } from '../numbers.ts';
import { csvLink } from '../tables.ts';
import type { InputSection } from '../task-report.ts';
import { sectionMarkup } from './parts.ts';

/** Values and genes of an input. */
export function inputSection(section: InputSection): Markup {
  const { diagnosis, geneMatch } = section;
  const values = diagnosis.sentences.join(' ');
  return sectionMarkup(
    section,
    html`<h3>Values</h3>
${diagnosis.use === 'as_is' ? html`<p>${values}</p>` : html`<div class="notice"><p>${values}</p></div>`}
<h3>Genes the model knows</h3>
${geneMatch.problems.map(({ message, advice }) => html`<div class="notice"><p><b>${capitalised(message)}.</b> ${advice}</p></div>`)}
${tiles(geneMatch)}
${unmatched(geneMatch)}
${remarks(geneMatch)}`,
    csvOf(section),
  );
}

function tiles({ genes, matched, tokens, countShare, column }: GeneMatchReport): Markup {
  const share = genes === 0 ? 0 : matched / genes;
  const place =
    column === null || column.column === null ? 'the index of var' : `var column ${column.column}`;
  return html`<div class="tiles">
<div class="tile"><b>${percent(share)}</b><small>of genes: ${count(matched)} of ${count(genes)}</small>${track(share)}</div>
${countShare === null ? none : html`<div class="tile"><b>${percent(countShare)}</b><small>of all counts are in these genes</small>${track(countShare)}</div>`}
<div class="tile"><b>${count(tokens)}</b><small>tokens of the model’s vocabulary; names from ${place}</small></div>
</div>`;
}

function track(share: number): Markup {
  return html`<div class="track"><i style="width:${(100 * share).toFixed(1)}%"></i></div>`;
}

function unmatched({ largestUnmatched, genes, matched }: GeneMatchReport): Markup {
  if (largestUnmatched.length === 0) return html`<p>Every gene has a token.</p>`;
  const rows = largestUnmatched.map(
    ({ name, status, countShare }) =>
      html`<tr><th scope="row">${name}</th><td class="number">${countShare === null ? '–' : percent(countShare, 3)}</td><td>${status.replaceAll('_', ' ')}</td></tr>`,
  );
  return html`<details open><summary>Largest of ${plural(genes - matched, 'gene')} the model does not see</summary>
<div class="table-scroll"><table><thead><tr><th scope="col">Gene</th><th scope="col" class="number">Share of counts</th><th scope="col">Name is</th></tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

const most = 12;

function remarks({ routes, bySecondName, ambiguous, duplicates }: GeneMatchReport): Markup {
  const ways = [...routes].map(([route, genes]) => `${route.replaceAll('_', ' ')} ${count(genes)}`);
  const listed = (items: readonly string[]) =>
    items.slice(0, most).join(', ') + (items.length > most ? `, and ${count(items.length - most)} more` : '');
  const second =
    bySecondName > 0 ? ` ${plural(bySecondName, 'gene')} matched by a second column of names.` : '';
  return html`<p class="note soft">How names matched: ${ways.join(', ') || 'none did'}.${second}</p>
${duplicates.length === 0 ? none : html`<p class="note soft">Names with one token, their counts added: ${listed(duplicates.map(({ token, names }) => `${token} (${names.join(', ')})`))}.</p>`}
${ambiguous.length === 0 ? none : html`<p class="note soft">Names of several genes, left out: ${listed(ambiguous.map(({ name, candidates }) => `${name} (${candidates.join(' or ')})`))}.</p>`}`;
}

function csvOf({ name, geneMatch: { largestUnmatched } }: InputSection): Markup {
  const rows = largestUnmatched.map(({ name, status, countShare }) => [name, countShare ?? '', status]);
  return csvLink(`${name}-unmatched-genes.csv`, ['gene', 'count_share', 'status'], rows);
}
