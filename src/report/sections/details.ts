/** @file The section for those who want to repeat or check the run. */

import type { EmbedReport } from '../embed-report.ts';
import { html, type Markup } from '../markup.ts';
import { duration } from '../numbers.ts';
import { csvLink, factTable, heading } from '../tables.ts';

/** Command, settings, model, times and environment. */
export function detailSection({
  command,
  settings,
  model,
  timings,
  environment,
  baseline,
}: EmbedReport): Markup {
  const method = 'method' in baseline ? baseline.method : 'none';
  const modelFacts = [
    ['Name', model.name],
    ['Weights', model.trained ? 'trained' : 'random, untrained'],
    ['Hash', model.hash],
    ...model.facts,
  ] as const;
  const times = timings.map(({ stage, seconds }) => [stage, duration(seconds)] as const);
  const all = [
    ...[...settings, ['Baseline', method] as const].map((fact) => ['settings', ...fact]),
    ...modelFacts.map((fact) => ['model', ...fact]),
    ...timings.map(({ stage, seconds }) => ['seconds', stage, seconds]),
    ...environment.map((fact) => ['environment', ...fact]),
    ['command', '', command],
  ];
  return html`<section>
${heading('Repeat it', csvLink('run.csv', ['part', 'name', 'value'], all))}
<pre>${command}</pre>
<div class="columns">
${factTable('Settings', [...settings, ['Baseline', method]])}
${factTable('Model', modelFacts)}
${factTable('Time', times)}
${factTable('Environment', environment)}
</div></section>`;
}
