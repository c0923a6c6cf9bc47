/** @file What mapping adds to the query: labels, scores, embedding and the record of the run. */

import type { LoadedModel } from '../../model/folder.ts';
import type { Additions } from '../../single-cell/additions.ts';
import type { Unstructured } from '../../single-cell/anndata.ts';
import type { Column } from '../../single-cell/data-frame.ts';
import { marked } from '../../support/mask.ts';
import { version } from '../../support/version.ts';
import { agreementRecord, labelsColumn, rejectionRecord, scoresRecord, slug } from '../label-record.ts';
import type { NamedLabels } from '../label-report.ts';
import type { BaselineLabels } from './baselines.ts';
import type { MappedLabels, MapResult } from './map.ts';
import { recordOf } from './reference.ts';
import { entries } from './saved-reference.ts';

/** How the model's mapping is called beside the baselines. */
export const modelMethod = 'scGPT';

/** The labels of all methods, the model's first. */
export function methodsOf({ labels, baselines }: MapResult, column: number): readonly NamedLabels[] {
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
    [`${name}_scgpt`, labelsColumn(codes, classes)],
    [`${name}_scgpt_score`, { kind: 'number', dtype: 'float32', values: scores }],
    [`${name}_scgpt_unassigned`, { kind: 'boolean', values: unassigned }],
  ];
}

function baselineColumn(label: string, { name, codes, classes }: BaselineLabels): [string, Column] {
  return [`${label}_${slug(name)}`, labelsColumn(codes, classes)];
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
    ['unassigned', marked(unassigned)],
    ['threshold_score', thresholds.score],
    ['threshold_distance', thresholds.distance],
    ['distance_shift', thresholds.shift],
  ]);
  if (calibration !== null) record.set('held_out', entries(calibration));
  const methods = methodsOf(result, column);
  const { truth } = labels;
  if (truth === null) record.set('agreement', agreementRecord(methods));
  else {
    const scores = new Map<string, Unstructured>(scoresRecord(truth, methods));
    scores.set('rejection', rejectionRecord(truth, methods[0], unassigned));
    record.set('scores', scores.set('truth', truth.column));
  }
  return record;
}
