/** @file Renders a report as one HTML file that needs nothing else: no network, no server, no other file. */

import { version } from '../support/version.ts';
import { plural } from '../support/words.ts';
import type { EmbedReport } from './embed-report.ts';
import { html, type Markup, none } from './markup.ts';
import { pageScript } from './script.ts';
import { detailSection } from './sections/details.ts';
import { inputSection } from './sections/genes.ts';
import { mapSection, mapsOf } from './sections/maps.ts';
import { scoreSection } from './sections/scores.ts';
import { style } from './style.ts';

/** Forbids the file itself to fetch anything. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report as HTML. Opens from disk, in light and dark, on a phone and on paper; about 16 bytes a cell plus the
 * cells' names. Equal reports give equal bytes.
 */
export function renderReport(report: EmbedReport): string {
  const { title, model, cells, geneCount, summary, columns, colorBy } = report;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="scgpt ${version}">
<title>${title} – scgpt embedding report</title>
<style>${style}</style></head>
<body>
<header>
<p class="overline">scGPT cell embeddings</p>
<h1>${breakable(title)}</h1>
<p class="soft">${plural(cells.length, 'cell')}, ${plural(geneCount, 'gene')}, model ${model.name}</p>
${model.trained ? none : untrainedBanner(model.name)}
</header>
<main>
<p class="lead">${summary.join(' ')}</p>
${warningList(report.warnings)}
${mapSection(report)}
${scoreSection(report)}
${inputSection(report)}
${detailSection(report)}
</main>
<footer>Made by scgpt ${version}. This file holds everything it shows and loads nothing from the network.</footer>
${pageScript({ cells, maps: mapsOf(report), columns, colorBy })}
</body></html>
`;
  return page.text;
}

/** A file name that may wrap where its parts meet. */
function breakable(name: string): Markup {
  return html`${name.split(/(?<=[_./-])/).map((part) => html`${part}<wbr>`)}`;
}

function untrainedBanner(name: string): Markup {
  return html`<div class="notice" role="alert"><p><b>This model is untrained.</b> The weights of ${name} are random numbers: what its
embedding shows comes from the cells’ values and from chance, not from anything learned. Use it to try the software, never
for conclusions about cells.</p></div>`;
}

function warningList(warnings: readonly string[]): Markup {
  if (warnings.length === 0) return none;
  return html`<div class="notice"><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
}
