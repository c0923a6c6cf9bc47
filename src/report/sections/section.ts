/** @file A section of a report, whatever its kind. */

import { html, type Markup } from '../markup.ts';
import type { Section, TextSection } from '../task-report.ts';
import {
  calibrationSection,
  confusionSection,
  curvesSection,
  dotPlotSection,
  networkSection,
  volcanoSection,
} from './charts.ts';
import { compositionSection } from './composition.ts';
import { inputSection } from './input.ts';
import { mapsSection } from './maps.ts';
import { sectionMarkup } from './parts.ts';
import { quickScoresSection } from './quick-scores.ts';
import { scoresSection } from './scores.ts';
import { tableSection } from './table.ts';

/** The section as it stands in the page. */
export function sectionOf(section: Section): Markup {
  switch (section.kind) {
    case 'text':
      return textSection(section);
    case 'maps':
      return mapsSection(section);
    case 'scores':
      return scoresSection(section);
    case 'quick-scores':
      return quickScoresSection(section);
    case 'table':
      return tableSection(section);
    case 'confusion':
      return confusionSection(section);
    case 'curves':
      return curvesSection(section);
    case 'dot-plot':
      return dotPlotSection(section);
    case 'composition':
      return compositionSection(section);
    case 'calibration':
      return calibrationSection(section);
    case 'volcano':
      return volcanoSection(section);
    case 'network':
      return networkSection(section);
    case 'input':
      return inputSection(section);
  }
}

function textSection(section: TextSection): Markup {
  return sectionMarkup(section, html`${section.paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}`);
}
