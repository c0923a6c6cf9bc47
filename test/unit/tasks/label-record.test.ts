/** @file What tasks that label cells write and tell of labels beside true ones. */

import { describe, expect, it } from 'vitest';
import { rejectionLines } from '../../../src/cli/label-text.ts';
import {
  agreementRecord,
  labelsColumn,
  rejectionRecord,
  scoresRecord,
  slug,
} from '../../../src/tasks/label-record.ts';
import { methodSummaries, rejectionOutcome, truthOf } from '../../../src/tasks/map/scores.ts';

const classes = ['B', 'T'];
const method = (name: string, codes: readonly number[]) => ({
  name,
  classes,
  codes: Int32Array.from(codes),
  confidence: Float32Array.from(codes, (code) => (code < 0 ? Number.NaN : 0.5)),
});
// B, B, T, T and a type that the reference lacks
const truth = truthOf(
  { name: 'type', groups: ['B', 'T', 'NK'], codes: Int32Array.of(0, 0, 1, 1, 2) },
  classes,
);
const ours = method('scGPT', [0, 1, 1, 1, 0]);
const other = method('Logistic regression', [0, 0, 1, -1, 1]);
const unassigned = Uint8Array.of(0, 1, 0, 1, 1);

describe('labels beside true ones', () => {
  it('are scored under their names in obs, on cells whose type the reference has', () => {
    const record = scoresRecord(truth, [ours, other]);
    expect([...record.keys()]).toEqual(['scgpt', 'logistic_regression']);
    expect(record.get('scgpt')?.get('cells')).toBe(4);
    expect(record.get('scgpt')?.get('accuracy')).toBe(0.75);
    expect(record.get('scgpt')?.get('macro_f1')).toBeCloseTo((2 / 3 + 4 / 5) / 2, 12);
    expect(record.get('scgpt')?.get('unseen_auroc')).toBe(0.5); // all are as sure
    expect(record.get('logistic_regression')?.get('classes')).toMatchObject({ values: ['B', 'T', 'none'] });
  });

  it('are summarised with scores, or with agreement alone where none are known', () => {
    const [first, second] = methodSummaries([ours, other], truth);
    expect(first).toMatchObject({ name: 'scGPT', agreement: 1, scores: { cells: 4, accuracy: 0.75 } });
    expect(second.agreement).toBe(0.5); // of the four cells that both label
    expect(methodSummaries([ours], null)[0].scores).toBeNull();
    const known = truthOf({ name: 'type', groups: classes, codes: Int32Array.of(0, 0, 1, 1, -1) }, classes);
    expect(methodSummaries([ours], known)[0].scores?.unseenAuroc).toBeNull();
    expect([...agreementRecord([ours, other])]).toEqual([['logistic_regression', 0.5]]);
  });

  it('say what withholding did', () => {
    expect([...rejectionRecord(truth, ours, unassigned)]).toEqual([
      ['kept_right', 2 / 3],
      ['rejected_wrong', 1],
      ['rejected_unseen', 1],
    ]);
    const outcome = rejectionOutcome(truth, ours, unassigned);
    expect(rejectionLines(outcome)).toEqual([
      '  unassigned are 33.3 % of right labels, 100.0 % of wrong, 100.0 % of cells of other classes',
    ]);
    expect(rejectionLines({ ...outcome, rejectedWrong: Number.NaN, rejectedUnseen: Number.NaN })).toEqual([
      '  unassigned are 33.3 % of right labels',
    ]);
    expect(rejectionLines({ ...outcome, keptRight: Number.NaN })).toEqual([]);
    expect(rejectionLines(null)).toEqual([]);
  });

  it('have columns whose missing labels stay missing, and names that obs can hold', () => {
    expect(labelsColumn(Int32Array.of(1, -1), classes)).toMatchObject({ codes: Int32Array.of(1, -1) });
    expect(slug('kNN k=10 on PCA, unscaled, 30')).toBe('knn_k_10_on_pca_unscaled_30');
  });
});
