/** @file Renders a report as one HTML file that needs nothing else: no network, no server, no other file. */

import { UsageError } from '../support/errors.ts';
import { version } from '../support/version.ts';
import { html, type Markup, none } from './markup.ts';
import { pageScript } from './script.ts';
import { detailSection } from './sections/details.ts';
import { sectionOf } from './sections/section.ts';
import { style } from './style.ts';
import type { Highlight, Section, TaskReport } from './task-report.ts';

/** Forbids the file itself to fetch anything. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report as HTML. Opens from disk, in light and dark, on a phone and on paper; about 16 bytes a cell for each
 * section of maps plus the cells' names. Equal reports give equal bytes.
 *
 * @throws UsageError when names of sections are no file names or not one of their kind, or a section's parts do not fit
 */
export function renderTaskReport(report: TaskReport): string {
  const { task, title, subtitle, summary, model, sections, highlights = [] } = report;
  checkNames(sections);
  const [headline, ...rest] = summary;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="scgpt ${version}">
<title>${title} – ${task}</title>
<style>${style}</style></head>
<body>
<header>
<p class="overline">${task}</p>
<h1>${breakable(title)}</h1>
${subtitle === undefined ? none : html`<p class="soft">${subtitle}</p>`}
${model === undefined || model.trained ? none : untrainedBanner(model.name)}
</header>
<main>
${headline === undefined ? none : html`<p class="lead">${headline}</p>`}
${rest.length === 0 ? none : html`<p>${rest.join(' ')}</p>`}
${highlights.length === 0 ? none : html`<div class="tiles">${highlights.map(tile)}</div>`}
${warningList(report.warnings)}
${sections.length < 3 ? none : contents(sections)}
${sections.map(sectionOf)}
${detailSection(report)}
</main>
<footer>Made by scgpt ${version}. This file holds everything it shows and loads nothing from the network.</footer>
<div class="tooltip" id="tooltip" role="status" hidden></div>
${pageScript()}
</body></html>
`;
  return page.text;
}

/** Names that stand for something else in the page. */
const taken = ['repeat', 'tooltip'];

/** @throws UsageError when names of sections are no file names or not one of their kind */
export function checkNames(sections: readonly Section[]): void {
  const names = sections.map(({ name }) => name);
  const wrong = names.find(
    (name, i) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || names.indexOf(name) < i || taken.includes(name),
  );
  if (wrong === undefined) return;
  throw new UsageError({
    what: `a section cannot be named '${wrong}'`,
    expected: `lower-case letters, digits and dashes, each name once, other than ${taken.join(' and ')}`,
    reason: 'section_name',
  });
}

/** A file name that may wrap where its parts meet. */
function breakable(name: string): Markup {
  return html`${name.split(/(?<=[_./-])/).map((part) => html`${part}<wbr>`)}`;
}

function tile({ value, label, share }: Highlight): Markup {
  const track =
    share === undefined || Number.isNaN(share)
      ? none
      : html`<div class="track"><i style="width:${(100 * Math.max(0, Math.min(1, share))).toFixed(1)}%"></i></div>`;
  return html`<div class="tile"><b>${value}</b><small>${label}</small>${track}</div>`;
}

function contents(sections: readonly Section[]): Markup {
  const links = [...sections, { name: 'repeat', title: 'Repeat it' }].map(
    ({ name, title }) => html`<a href="#${name}">${title}</a>`,
  );
  return html`<nav aria-label="Contents">${links}</nav>`;
}

function untrainedBanner(name: string): Markup {
  return html`<div class="notice" role="alert"><p><b>This model is untrained.</b> The weights of ${name} are random numbers: what its
embedding shows comes from the cells’ values and from chance, not from anything learned. Use it to try the software, never
for conclusions about cells.</p></div>`;
}

function warningList(warnings: readonly string[]): Markup {
  if (warnings.length === 0) return none;
  return html`<div class="notice" role="note" aria-label="Warnings"><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}
