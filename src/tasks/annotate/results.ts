/** @file What annotation adds to the query: labels, scores, probabilities, embedding and the record of the run. */

import type { Additions } from '../../single-cell/additions.ts';
import type { Unstructured } from '../../single-cell/anndata.ts';
import type { CategoricalColumn, Column } from '../../single-cell/data-frame.ts';
import { marked } from '../../support/mask.ts';
import { version } from '../../support/version.ts';
import { agreementRecord, labelsColumn, rejectionRecord, scoresRecord, slug } from '../label-record.ts';
import type { NamedLabels } from '../label-report.ts';
import type { MethodLabels } from '../map/scores.ts';
import type { AnnotationResult } from './annotate.ts';
import { bestTwo } from './best-two.ts';

/** How the annotator's two answers are called beside the baselines. */
export const methodNames = { stacked: 'scGPT with experts on expression', scgpt: 'scGPT alone' } as const;

/** The labels of all methods: the annotator's own first, then the model alone, then the baselines. */
export function methodsOf({ annotator, labels, votes, baselines }: AnnotationResult): readonly NamedLabels[] {
  const { classes, head } = annotator;
  const ours = {
    name: methodNames[head.name],
    classes,
    codes: labels.codes,
    confidence: likeness(labels.novelty),
  };
  const alone = aloneLabels(labels.alone, classes);
  return [
    ours,
    ...(head.name === 'stacked' ? [{ name: methodNames.scgpt, ...alone }] : []),
    ...(votes === null
      ? []
      : [{ name: 'Majority vote of clusters', classes, codes: votes.codes, confidence: votes.shares }]),
    ...('missing' in baselines ? [] : baselines.byLabel[0]),
  ];
}

/** Unseen types are told by novelty, not by probability. */
const likeness = (novelty: Float32Array): Float32Array => novelty.map((value) => -value);

function aloneLabels(alone: Float32Array, classes: readonly string[]): MethodLabels {
  const known = Uint8Array.from({ length: alone.length / classes.length }, (_, cell) =>
    Number.isNaN(alone[cell * classes.length]) ? 0 : 1,
  );
  const { codes } = bestTwo(Float64Array.from(alone), classes.length, known);
  const confidence = Float32Array.from(codes, (code, cell) =>
    code < 0 ? Number.NaN : alone[cell * classes.length + code],
  );
  return { classes, codes, confidence };
}

/** The elements that annotation adds. */
export function annotationAdditions(result: AnnotationResult): Additions {
  const { annotator, labels, parents, sure, votes, baselines } = result;
  const { label, classes } = annotator;
  const cells = labels.codes.length;
  const obs: [string, Column][] = [
    [`${label}_scgpt`, labelsColumn(labels.codes, classes)],
    [`${label}_scgpt_score`, numbers(labels.scores)],
    [`${label}_scgpt_second`, labelsColumn(labels.second, classes)],
    [`${label}_scgpt_novelty`, numbers(labels.novelty)],
    [`${label}_scgpt_unassigned`, { kind: 'boolean', values: labels.unassigned }],
  ];
  if (parents !== null && sure !== null && annotator.parents !== null) {
    obs.push(
      [`${annotator.parents.label}_scgpt`, labelsColumn(parents.codes, parents.parents)],
      [`${annotator.parents.label}_scgpt_score`, numbers(parents.scores)],
    );
    obs.push(
      [`${label}_scgpt_or_parent`, labelsColumn(sure.codes, sure.names)],
      [`${label}_scgpt_stopped_at`, labelsColumn(sure.levels, [label, annotator.parents.label])],
    );
  }
  if (votes !== null) {
    obs.push(
      [`${label}_scgpt_voted`, labelsColumn(votes.codes, classes)],
      [`${label}_scgpt_voted_share`, numbers(votes.shares)],
      [`${label}_scgpt_cluster`, clusterColumn(votes.clusters)],
    );
  }
  if (annotator.head.name === 'stacked') {
    obs.push([`${label}_scgpt_alone`, labelsColumn(aloneLabels(labels.alone, classes).codes, classes)]);
  }
  if (!('missing' in baselines)) {
    for (const { name, codes, classes: own } of baselines.byLabel[0]) {
      obs.push([`${label}_${slug(name)}`, labelsColumn(codes, own)]);
    }
  }
  return {
    obs,
    obsm: [
      ['X_scGPT_annotate', dense(labels.embeddings, [cells, labels.width])],
      [`${label}_scgpt_probabilities`, dense(labels.probabilities, [cells, classes.length])],
    ],
    uns: [['scgpt_annotate', record(result)]],
  };
}

const numbers = (values: Float32Array): Column => ({ kind: 'number', dtype: 'float32', values });
const dense = (values: Float32Array, shape: readonly number[]) =>
  ({ kind: 'dense', dtype: 'float32', shape, values }) as const;

function clusterColumn(clusters: Int32Array): CategoricalColumn {
  const count = clusters.reduce((most, code) => Math.max(most, code + 1), 0);
  return labelsColumn(
    clusters,
    Array.from({ length: count }, (_, code) => String(code)),
  );
}

/** uns/scgpt_annotate: every choice, what was learnt on held-out cells, and scores. */
function record(result: AnnotationResult): Map<string, Unstructured> {
  const { annotator, labels, truth, fitted, query, baselines } = result;
  const { head, settings } = annotator;
  const methods = methodsOf(result);
  const all = new Map<string, Unstructured>([
    ['version', version],
    ['label', annotator.label],
    ['classes', { kind: 'strings', shape: [annotator.classes.length], values: annotator.classes }],
    ['labels_by', methodNames[head.name]],
    ['weights', new Map<string, Unstructured>(head.weights.map((weight, i) => [experts[i], weight]))],
    ['threshold', head.threshold],
    ['novelty_threshold', head.noveltyThreshold],
    ['novelty_shift', labels.noveltyShift],
    ['unassigned', marked(labels.unassigned)],
    [
      'settings',
      new Map<string, Unstructured>(Object.entries(settings).map(([name, value]) => [name, value ?? 'none'])),
    ],
    [
      'genes',
      new Map<string, Unstructured>([
        ['all', annotator.genes.all.length],
        ['read_by_model', marked(annotator.genes.read)],
        ['read_by_experts', annotator.genes.panel.length],
        ['missing_in_query', labels.missingGenes],
      ]),
    ],
    ['matrix', query.matrixName],
    ['baselines', 'missing' in baselines ? baselines.missing : baselines.method],
    ['agreement', agreementRecord(methods)],
  ]);
  if (fitted !== null) {
    all.set(
      'fit',
      new Map<string, Unstructured>([
        ['training_cells', fitted.trainingCells],
        ['held_out_cells', fitted.heldOut.rows.length],
        ['held_out_loss', fitted.outcome.bestLoss],
        ['kept_right', fitted.rejection.keptRight],
        ['rejected_wrong', fitted.rejection.rejectedWrong],
      ]),
    );
  }
  if (truth === null) return all;
  all.set('scores', scoresRecord(truth, methods));
  all.set('rejection', rejectionRecord(truth, methods[0], labels.unassigned));
  return all;
}

const experts = ['scgpt', 'linear', 'centroid'] as const;
