/** @file The section that shows what groups consist of: a table whose bars fit any screen. */

import { count, plural } from '../../support/words.ts';
import { type Bar, barsOf } from '../charts/composition.ts';
import { html, type Markup, none } from '../markup.ts';
import { percent } from '../numbers.ts';
import { columnColors } from '../palette.ts';
import { csvLink } from '../tables.ts';
import type { CompositionSection } from '../task-report.ts';
import { keyList, nothing, sectionMarkup } from './parts.ts';

export function compositionSection(section: CompositionSection): Markup {
  const { name, groups, parts, groupTitle, partTitle } = section;
  if (groups.length === 0 || parts.length === 0) return sectionMarkup(section, nothing);
  const colors = columnColors([parts])[0];
  const bars = barsOf(section);
  const csv = csvLink(
    `${name}.csv`,
    [groupTitle, ...parts],
    bars.slice(1).map((bar) => [bar.name, ...bar.sizes]),
  );
  return sectionMarkup(
    section,
    html`${keyList(parts, colors)}<table class="composition"><thead><tr><th scope="col">${groupTitle}</th><th scope="col">shares of each ${partTitle}</th><th scope="col" class="number">cells</th></tr></thead>
<tbody>${bars.map((bar) => rowOf(bar, parts, colors))}</tbody></table>`,
    csv,
  );
}

function rowOf({ name, sizes, total }: Bar, parts: readonly string[], colors: readonly string[]): Markup {
  const words = sizes.map((size, part) => `${parts[part]} ${percent(size / total)}`);
  const segments = sizes.map((size, part) => {
    if (!(size > 0)) return none;
    const tip = `${name}: ${words[part]}, ${plural(size, 'cell')}`;
    return html`<i style="width:${((100 * size) / total).toFixed(3)}%;background:${colors[part]}" data-tip="${tip}"></i>`;
  });
  return html`<tr><th scope="row">${name}</th><td><span class="stack" role="img" aria-label="${total > 0 ? words.join(', ') : 'no cells'}">${segments}</span></td><td class="number">${count(total)}</td></tr>
`;
}
