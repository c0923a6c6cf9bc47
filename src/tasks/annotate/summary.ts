/** @file What an annotation run tells when it is done. */

import { calibration } from '../../analysis/metrics/calibration.ts';
import { classificationScores } from '../../analysis/metrics/classification.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { marked } from '../../support/mask.ts';
import {
  type MethodSummary,
  methodSummaries,
  type RejectionOutcome,
  rejectionOutcome,
} from '../map/scores.ts';
import type { AnnotationResult } from './annotate.ts';
import type { FittedAnnotator } from './fit.ts';
import { methodsOf } from './results.ts';

/** What was learnt on reference cells that no method was fitted to. */
export interface HeldOutSummary {
  readonly name: string;
  readonly accuracy: number;
  readonly macroF1: number;
  /** Expected calibration error. */
  readonly calibrationError: number;
}

/** What was done. */
export interface AnnotateSummary {
  readonly output: string;
  readonly annotator: string | null;
  readonly report: string | null;
  readonly figures: string | null;
  readonly cells: number;
  readonly label: string;
  readonly classes: readonly { readonly name: string; readonly cells: number }[];
  readonly unassigned: number;
  /** Unassigned cells whose broader label is sure; null where the reference has none. */
  readonly sureOfParent: { readonly label: string; readonly cells: number } | null;
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly reference: {
    readonly cells: number;
    readonly trainingCells: number;
    readonly heldOutCells: number;
  } | null;
  readonly training: { readonly epochs: number; readonly bestStep: number; readonly loss: number } | null;
  readonly weights: AnnotationResult['annotator']['head']['weights'];
  readonly heldOut: readonly HeldOutSummary[];
  readonly methods: readonly MethodSummary[];
  readonly rejection: RejectionOutcome | null;
  /** Why there are none; null when there are. */
  readonly baselinesMissing: string | null;
  readonly missingGenes: number;
  readonly seconds: AnnotationResult['seconds'];
  readonly warnings: readonly string[];
}

/** Puts the run into numbers. */
export function summaryOf(
  result: AnnotationResult,
  { name, hash, trained }: LoadedModel,
  {
    output,
    saveAnnotator,
    report,
    figures,
  }: {
    readonly output: string;
    readonly saveAnnotator?: string | undefined;
    readonly report?: string | undefined;
    readonly figures?: string | undefined;
  },
  warnings: readonly string[],
): AnnotateSummary {
  const { annotator, labels, fitted, truth, baselines, seconds } = result;
  const methods = methodsOf(result);
  return {
    output,
    annotator: saveAnnotator ?? null,
    report: report ?? null,
    figures: figures ?? null,
    cells: labels.codes.length,
    label: annotator.label,
    classes: annotator.classes.map((className, code) => ({
      name: className,
      cells: labels.codes.filter((own) => own === code).length,
    })),
    unassigned: marked(labels.unassigned),
    sureOfParent: sureOfParent(result),
    model: { name, hash, trained },
    reference: fitted && {
      cells: fitted.cells,
      trainingCells: fitted.trainingCells,
      heldOutCells: fitted.heldOut.rows.length,
    },
    training: fitted && {
      epochs: fitted.outcome.history.at(-1)?.epoch ?? 0,
      bestStep: fitted.outcome.bestStep,
      loss: fitted.outcome.bestLoss,
    },
    weights: annotator.head.weights,
    heldOut: fitted === null ? [] : heldOutScores(fitted),
    methods: methodSummaries(methods, truth),
    rejection: truth === null ? null : rejectionOutcome(truth, methods[0], labels.unassigned),
    baselinesMissing: 'missing' in baselines ? baselines.missing : null,
    missingGenes: labels.missingGenes,
    seconds,
    warnings,
  };
}

/** How many cells' labels stopped at the broader one. */
export function sureOfParent({
  annotator: { parents },
  sure,
}: Pick<AnnotationResult, 'annotator' | 'sure'>): AnnotateSummary['sureOfParent'] {
  return (
    parents && sure && { label: parents.label, cells: sure.levels.filter((level) => level === 1).length }
  );
}

/** Scores of each method on held-out reference cells; none without such. */
export function heldOutScores({ heldOut, annotator }: FittedAnnotator): HeldOutSummary[] {
  const { labels, methods } = heldOut;
  const classCount = annotator.classes.length;
  if (labels.length === 0) return [];
  return methods.map(({ name, probabilities }) => {
    const codes = labels.map((_, cell) => {
      const row = probabilities.subarray(cell * classCount, (cell + 1) * classCount);
      return row.indexOf(Math.max(...row));
    });
    const { accuracy, macro } = classificationScores(labels, codes, classCount);
    const { expectedError } = calibration(labels, probabilities, classCount);
    return { name, accuracy, macroF1: macro.f1, calibrationError: expectedError };
  });
}
