/** @file The contenders of annotation: classical annotators on the benchmark's genes, and scGPT in several ways. */

import { allBaselines } from '../../src/analysis/classifiers/baselines.ts';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { categorical, DataFrame } from '../../src/single-cell/data-frame.ts';
import { type AnnotationResult, annotate } from '../../src/tasks/annotate/annotate.ts';
import type { SomeSettings } from '../../src/tasks/annotate/settings.ts';
import { openModel } from '../../src/tasks/model.ts';
import type { Annotated, AnnotationContender, AnnotationSplit } from './contenders.ts';

/** Methods that the benchmark gives all common genes. */
const onAllGenes: ReadonlySet<string> = new Set(['celltypist', 'singler']);

const classical = allBaselines().map(
  ({ id, name, fit: fitTo }): AnnotationContender => ({
    id,
    name,
    seeded: false,
    async run({ chosen, common, labels: { codes, groups } }, seed) {
      const { reference, query, genes } = onAllGenes.has(id) ? common : chosen;
      const classifier = await fitTo({ expression: reference, labels: codes, classes: groups, genes, seed });
      return classifier.predict(query);
    },
  }),
);

/** Whose answer is shown of a run: the stacked head's, or the model's alone. */
type Head = 'stacked' | 'alone';

/** A way to run the task, and the contenders that show it. */
interface Way {
  readonly settings: SomeSettings;
  readonly shown: readonly (readonly [id: string, name: string, head: Head])[];
}

const ways: readonly Way[] = [
  {
    settings: {},
    shown: [
      ['scgpt-annotate', 'scGPT, fine-tuned, stacked', 'stacked'],
      ['scgpt-annotate-alone', 'scGPT, fine-tuned, alone', 'alone'],
    ],
  },
  {
    settings: { fromScratch: true },
    shown: [
      ['scgpt-annotate-scratch', 'scGPT, from scratch, stacked', 'stacked'],
      ['scgpt-annotate-scratch-alone', 'scGPT, from scratch, alone', 'alone'],
    ],
  },
];

function labelled({ reference, labels: { codes, groups } }: AnnotationSplit): AnnData {
  const label = categorical(Array.from(codes, (code) => groups[code]));
  return new AnnData({
    obs: new DataFrame(reference.obs.index, [['label', label]]),
    var: reference.var,
    X: reference.X,
    source: 'reference',
  });
}

/** One run serves all contenders that show it, when they come one after the other. */
function contendersOf({ settings, shown }: Way): AnnotationContender[] {
  let last: { readonly key: string; readonly result: Promise<AnnotationResult> } | undefined;
  const runOf = (split: AnnotationSplit, seed: number): Promise<AnnotationResult> => {
    const key = `${split.task} ${split.fold} ${seed}`;
    if (last?.key !== key) {
      const result = openModel(undefined).then((model) =>
        annotate(split.query, labelled(split), model, {
          ...settings,
          label: 'label',
          seed,
          threads: 1,
          baselines: false,
        }),
      );
      last = { key, result };
    }
    return last.result;
  };
  return shown.map(([id, name, head]) => ({
    id,
    name,
    seeded: true,
    async run(split, seed): Promise<Annotated> {
      const { labels, annotator } = await runOf(split, seed);
      const place = Int32Array.from(annotator.classes, (name_) => split.labels.groups.indexOf(name_));
      const codes = head === 'stacked' ? labels.codes : best(labels.alone, annotator.classes.length);
      return {
        codes: codes.map((code) => (code < 0 ? -1 : place[code])),
        confidence: labels.novelty.map((novelty) => (Number.isNaN(novelty) ? -1e6 : -novelty)),
      };
    },
  }));
}

function best(probabilities: Float32Array, classCount: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classCount }, (_, cell) => {
    const row = probabilities.subarray(cell * classCount, (cell + 1) * classCount);
    return row.indexOf(Math.max(...row));
  });
}

export const annotators: readonly AnnotationContender[] = [...classical, ...ways.flatMap(contendersOf)];
