/** @file The section for those who want to repeat or check the run. */

import { html, type Markup, none } from '../markup.ts';
import { duration } from '../numbers.ts';
import { csvLink, factTable, heading } from '../tables.ts';
import type { Fact, TaskReport } from '../task-report.ts';

/** Command, settings, model, times and environment. */
export function detailSection({ command, settings, model, timings = [], environment }: TaskReport): Markup {
  const modelFacts: readonly Fact[] =
    model === undefined
      ? []
      : [
          ['Name', model.name],
          ['Weights', model.trained ? 'trained' : 'random, untrained'],
          ['Hash', model.hash],
          ...model.facts,
        ];
  const times = timings.map(({ stage, seconds }) => [stage, duration(seconds)] as const);
  const all = [
    ...settings.map((fact) => ['settings', ...fact]),
    ...modelFacts.map((fact) => ['model', ...fact]),
    ...timings.map(({ stage, seconds }) => ['seconds', stage, seconds]),
    ...environment.map((fact) => ['environment', ...fact]),
    ...(command === undefined ? [] : [['command', '', command]]),
  ];
  const table = (title: string, facts: readonly Fact[]) =>
    facts.length === 0 ? none : factTable(title, facts);
  return html`<section id="repeat">
${heading('Repeat it', csvLink('run.csv', ['part', 'name', 'value'], all))}
${command === undefined ? none : html`<pre>${command}</pre>`}
<div class="columns">
${table('Settings', settings)}
${table('Model', modelFacts)}
${table('Time', times)}
${table('Environment', environment)}
</div></section>`;
}
