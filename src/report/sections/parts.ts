/** @file What sections of a report share: heading, note and notices. */

import { html, type Markup, none } from '../markup.ts';
import { heading } from '../tables.ts';
import type { Section } from '../task-report.ts';

/** A section with its heading, downloads beside it, and its content. */
export function sectionMarkup(section: Section, content: Markup, ...downloads: readonly Markup[]): Markup {
  const { name, title, note, notices = [] } = section;
  return html`<section id="${name}">
${heading(title, ...downloads)}
${note === undefined ? none : html`<p class="note">${note}</p>`}
${notices.map((notice) => html`<div class="notice"><p>${notice}</p></div>`)}
${content}
</section>`;
}

/** Colours and what they stand for. */
export function keyList(names: readonly string[], colors: readonly string[]): Markup {
  const keys = names.map((name, i) => html`<li><i style="background:${colors[i]}"></i>${name}</li>`);
  return html`<ul class="keys">${keys}</ul>`;
}

/** In the place of a chart without data. */
export const nothing = html`<p class="soft">There is nothing to show.</p>`;
