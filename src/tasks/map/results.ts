/** @file What mapping adds to the query: labels, scores, embedding and the record of the run. */

import type { LoadedModel } from '../../model/folder.ts';
import type { Additions } from '../../single-cell/additions.ts';
import type { Unstructured } from '../../single-cell/anndata.ts';
import type { CategoricalColumn, Column } from '../../single-cell/data-frame.ts';
import { version } from '../../support/version.ts';
import type { BaselineLabels } from './baselines.ts';
import type { MappedLabels, MapResult } from './map.ts';
import { recordOf } from './reference.ts';
import { entries } from './saved-reference.ts';
import { agreement, type MethodLabels, rejectionOutcome, truthScores } from './scores.ts';

/** How the model's mapping is called beside the baselines. */
export const modelMethod = 'scGPT';

/** The labels of all methods, the model's first. */
export function methodsOf(
  { labels, baselines }: MapResult,
  column: number,
): readonly (MethodLabels & { readonly name: string })[] {
  const { classes, codes, scores } = labels[column];
  const ours = { name: modelMethod, classes, codes, confidence: scores };
  return 'missing' in baselines ? [ours] : [ours, ...baselines.byLabel[column]];
}

/** The elements that mapping adds. */
export function mapAdditions(result: MapResult, model: LoadedModel): Additions {
  const { labels, baselines, distances, query, prepared } = result;
  const ofLabels = labels.flatMap((each) => labelColumns(each));
  const ofBaselines =
    'missing' in baselines
      ? []
      : labels.flatMap(({ name }, i) => baselines.byLabel[i].map((method) => baselineColumn(name, method)));
  return {
    obs: [
      ...ofLabels,
      ['scgpt_distance', { kind: 'number', dtype: 'float32', values: distances }],
      ...ofBaselines,
    ],
    obsm: [['X_scGPT', query.embeddings]],
    uns: [
      ['scgpt', recordOf(query, prepared, model)],
      ['scgpt_map', mapRecord(result)],
    ],
  };
}

function labelColumns({ name, classes, codes, scores, unassigned }: MappedLabels): [string, Column][] {
  return [
    [`${name}_scgpt`, categories(codes, classes)],
    [`${name}_scgpt_score`, { kind: 'number', dtype: 'float32', values: scores }],
    [`${name}_scgpt_unassigned`, { kind: 'boolean', values: unassigned }],
  ];
}

function baselineColumn(label: string, { name, codes, classes }: BaselineLabels): [string, Column] {
  return [`${label}_${slug(name)}`, categories(codes, classes)];
}

function categories(codes: Int32Array, categories: readonly string[]): CategoricalColumn {
  return { kind: 'categorical', codes, categories, ordered: false };
}

/** `Logistic regression` as it is named in obs: `logistic_regression`. */
export function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

/** uns/scgpt_map: every choice, what was learnt on held-out cells, and scores. */
function mapRecord(result: MapResult): Map<string, Unstructured> {
  const { settings, genes, reference, labels, baselines } = result;
  return new Map<string, Unstructured>([
    ['version', version],
    ['neighbours', settings.neighbours],
    ['weights', '1 / distance'],
    ['search', settings.search],
    ['reject', settings.reject],
    ['seed', settings.seed],
    [
      'genes',
      new Map<string, Unstructured>([
        ['seen', genes.seen],
        ['reference', genes.reference],
        ['query', genes.query],
        ['shared', genes.shared],
      ]),
    ],
    [
      'reference',
      new Map<string, Unstructured>([
        ['cells', reference.points.count],
        ['scgpt', new Map(reference.record)],
      ]),
    ],
    ['baselines', 'missing' in baselines ? baselines.missing : baselines.method],
    ['labels', new Map(labels.map((each, i) => [String(i), labelRecord(result, each, i)]))],
  ]);
}

function labelRecord(result: MapResult, labels: MappedLabels, column: number): Map<string, Unstructured> {
  const { name, thresholds, calibration, unassigned } = labels;
  const record = new Map<string, Unstructured>([
    ['column', name],
    ['unassigned', unassigned.reduce((sum, one) => sum + one, 0)],
    ['threshold_score', thresholds.score],
    ['threshold_distance', thresholds.distance],
    ['distance_shift', thresholds.shift],
  ]);
  if (calibration !== null) record.set('held_out', entries(calibration));
  const methods = methodsOf(result, column);
  if (labels.truth === null) {
    record.set(
      'agreement',
      new Map(methods.slice(1).map((method) => [slug(method.name), agreement(methods[0], method)])),
    );
  } else record.set('scores', scoreRecord(labels, methods));
  return record;
}

function scoreRecord(
  { truth, unassigned }: MappedLabels,
  methods: ReturnType<typeof methodsOf>,
): Map<string, Unstructured> {
  const record = new Map<string, Unstructured>();
  if (truth === null) return record;
  for (const method of methods) {
    const scores = truthScores(truth, method);
    if (scores === null) continue;
    record.set(
      slug(method.name),
      new Map<string, Unstructured>([
        ['cells', scores.cells],
        ['accuracy', scores.accuracy],
        ['macro_f1', scores.macroF1],
        ['weighted_f1', scores.weightedF1],
        ['unseen_auroc', scores.unseenAuroc],
        ['classes', { kind: 'strings', shape: [scores.classes.length], values: scores.classes }],
        [
          'f1',
          {
            kind: 'dense',
            dtype: 'float64',
            shape: [scores.byClass.length],
            values: Float64Array.from(scores.byClass, ({ f1 }) => f1),
          },
        ],
      ]),
    );
  }
  const { keptRight, rejectedWrong, rejectedUnseen } = rejectionOutcome(truth, methods[0], unassigned);
  record.set(
    'rejection',
    new Map<string, Unstructured>([
      ['kept_right', keptRight],
      ['rejected_wrong', rejectedWrong],
      ['rejected_unseen', rejectedUnseen],
    ]),
  );
  record.set('truth', truth.column);
  return record;
}
