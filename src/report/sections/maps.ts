/** @file The section with maps of the cells: a row of maps for each column that they are coloured by. */

import { plural } from '../../support/words.ts';
import { columnIndex } from '../columns.ts';
import { html, type Markup, none } from '../markup.ts';
import { mapsData } from '../script.ts';
import type { MapsSection, ReportMap } from '../task-report.ts';

/** Maps, legends and what else can be told about them. */
export function mapsSection(section: MapsSection): Markup {
  const { name, title, note, notices = [], maps, columns, colorBy, columnsLeftOut = [] } = section;
  const leftOut = columnsLeftOut.map(([column, reason]) => `${column} (${reason})`).join(', ');
  const chosen = colorBy.length === 0 ? [-1] : colorBy.map((color) => columnIndex(columns, color));
  const many = maps.length === 1 && chosen.length > 1;
  return html`<section id="${name}" class="maps-section" data-maps="${JSON.stringify(maps.map((map) => map.title))}">
<div class="heading"><h2>${title}</h2><span><button class="button cells-csv" type="button">CSV</button></span></div>
${note === undefined ? none : html`<p class="note">${note}</p>`}
<div class="${many ? 'map-rows many' : 'map-rows'}">${chosen.map((index) => row(section, index))}</div>
${maps.map(caption)}
${notices.map((notice) => html`<div class="notice"><p>${notice}</p></div>`)}
${leftOut === '' ? none : html`<p class="note soft">Not shown: ${leftOut}.</p>`}
<noscript><p class="notice">The maps are drawn by a script in this file, which is switched off here.</p></noscript>
${mapsData(section)}
</section>`;
}

function row({ maps, columns }: MapsSection, chosen: number): Markup {
  const options = columns.map(
    ({ name }, i) => html`<option value="${i}"${i === chosen ? html` selected` : none}>${name}</option>`,
  );
  const nothing = html`<option value="-1"${chosen < 0 ? html` selected` : none}>nothing</option>`;
  return html`<div class="map-row">
<div class="toolbar"><label>Colour by <select>${options}${nothing}</select></label>
<button class="button show-all" type="button" hidden>Show all</button></div>
<div class="maps${maps.length === 1 ? ' single' : ''}">${maps.map((map) => panel(map, maps.length > 1))}</div>
<div class="legend" role="group" aria-label="Legend"></div>
</div>`;
}

function panel({ title, layout }: ReportMap, titled: boolean): Markup {
  const cells = plural(layout.shape[0] - unplaced(layout), 'cell');
  return html`<figure class="map-panel">${titled ? html`<h3>${title}</h3>` : none}
<div class="map-frame"><canvas role="img" aria-label="Map of ${cells}: ${title}"></canvas>
<svg class="axes" viewBox="0 0 76 76" aria-hidden="true"><path d="M16 22V60H54M12 26l4-5 4 5M50 56l5 4-5 4"/>
<text x="16" y="74">UMAP 1</text><text x="-60" y="10" transform="rotate(-90)">UMAP 2</text></svg>
<i class="ring" hidden></i></div></figure>`;
}

function caption({ title, caption, layout }: ReportMap): Markup {
  const without = unplaced(layout);
  return html`<p class="note soft"><b>${title}</b>: ${caption.replace(/[^.?!]$/, '$&.')}${without > 0 ? ` ${plural(without, 'cell')} without a place.` : ''}</p>`;
}

function unplaced({ values, shape }: ReportMap['layout']): number {
  let cells = 0;
  for (let cell = 0; cell < shape[0]; cell++) if (Number.isNaN(values[2 * cell])) cells++;
  return cells;
}
