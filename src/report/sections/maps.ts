/** @file The section with the maps side by side, one colour scheme for all. */

import { plural } from '../../support/words.ts';
import type { EmbedReport, ReportMap } from '../embed-report.ts';
import { html, type Markup, none } from '../markup.ts';

/** The maps a report shows: the model's, and the baseline's where there is one. */
export function mapsOf({ map, baseline }: EmbedReport): readonly ReportMap[] {
  return 'map' in baseline ? [map, baseline.map] : [map];
}

/** Maps, legend and what else can be told about them. */
export function mapSection(report: EmbedReport): Markup {
  const { columns, columnsLeftOut, colorBy, baseline } = report;
  const maps = mapsOf(report);
  const chosen = columns.findIndex(({ name }) => name === colorBy);
  const options = columns.map(
    ({ name }, i) => html`<option value="${i}"${i === chosen ? html` selected` : none}>${name}</option>`,
  );
  const leftOut = columnsLeftOut.map(([name, reason]) => `${name} (${reason})`).join(', ');
  return html`<section>
<h2>Map of the cells</h2>
<p class="note">UMAP puts cells with similar embeddings near each other. Distances between groups, their sizes and the
axes mean nothing; the scores below are computed in the embedding itself.${maps.length > 1 ? ' Point at a cell to find it in both maps.' : ''}</p>
<div class="toolbar">
<label>Colour by <select id="color-by">${options}${chosen < 0 ? html`<option value="-1" selected>nothing</option>` : none}</select></label>
<button class="button" id="show-all" type="button" hidden>Show all</button>
<button class="button" id="cells-csv" type="button">Cells as CSV</button>
</div>
<div class="maps${maps.length === 1 ? ' single' : ''}">${maps.map(panel)}</div>
<div class="legend" id="legend"></div>
${'missing' in baseline ? html`<div class="notice"><p><b>No baseline.</b> ${baseline.missing}</p></div>` : none}
${leftOut === '' ? none : html`<p class="note soft">Not shown: ${leftOut}.</p>`}
<div class="tooltip" id="tooltip" role="status" hidden></div>
<noscript><p class="notice">The maps are drawn by a script in this file, which is switched off here.</p></noscript>
</section>`;
}

function panel({ title, caption, layout }: ReportMap): Markup {
  let unplaced = 0;
  for (let cell = 0; cell < layout.shape[0]; cell++) if (Number.isNaN(layout.values[2 * cell])) unplaced++;
  const placed = plural(layout.shape[0] - unplaced, 'cell');
  return html`<figure class="map-panel"><h3>${title}</h3>
<div class="map-frame"><canvas role="img" aria-label="UMAP of ${placed}: ${title}"></canvas>
<svg class="axes" viewBox="0 0 76 76" aria-hidden="true"><path d="M16 22V60H54M12 26l4-5 4 5M50 56l5 4-5 4"/>
<text x="16" y="74">UMAP 1</text><text x="-60" y="10" transform="rotate(-90)">UMAP 2</text></svg>
<i class="ring" hidden></i></div>
<figcaption>${caption}${unplaced > 0 ? ` ${plural(unplaced, 'cell')} without a place.` : ''}</figcaption></figure>`;
}
