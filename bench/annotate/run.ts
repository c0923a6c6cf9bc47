/** @file One run of one method in a process of its own, so that its peak memory is its own: prints one JSON line. */

import { allBaselines } from '../../src/analysis/classifiers/baselines.ts';
import { annotate } from '../../src/tasks/annotate/annotate.ts';
import { commonExpression, labelledExpression, labelsOf } from '../../src/tasks/labelled-cells.ts';
import { openModel } from '../../src/tasks/model.ts';
import { prepareCells } from '../../src/tasks/prepare.ts';
import { type DrawnCells, drawCells, type Sizes, type SourceCells } from './cells.ts';

/** What one run is to do. */
export interface RunRequest {
  readonly method: string;
  readonly source: SourceCells;
  readonly sizes: Sizes;
  readonly seed: number;
  readonly threads: number;
}

/** What one run tells. */
export interface RunAnswer {
  /** Seconds until the method could label, from cells in memory. */
  readonly fitting: number;
  /** Seconds until the query was labelled. */
  readonly labelling: number;
  /** Processor seconds of both, all threads together: steadier than time where the machine does other things. */
  readonly processor: number;
  /** Share of the query's cells that got their class. */
  readonly accuracy: number;
  /** Largest resident set of the whole process, bytes; what reading the cells took is part of it. */
  readonly peak: number;
}

interface Labelled {
  readonly fitting: number;
  readonly labelling: number;
  readonly labels: readonly (string | undefined)[];
}

async function scgpt({ reference, query }: DrawnCells, { seed, threads }: RunRequest): Promise<Labelled> {
  const model = await openModel();
  const result = await annotate(query, reference, model, { label: 'class', seed, threads, baselines: false });
  const { fitting, labelling } = result.seconds;
  return {
    fitting,
    labelling,
    labels: Array.from(result.labels.codes, (code) => result.annotator.classes[code]),
  };
}

async function classical({ reference, query }: DrawnCells, { method, seed }: RunRequest): Promise<Labelled> {
  const { vocabulary } = await openModel();
  const started = performance.now();
  const sides = {
    reference: await prepareCells(reference, vocabulary),
    query: await prepareCells(query, vocabulary),
  };
  const expression = await commonExpression(sides.reference, sides.query);
  const learnt = await labelledExpression(expression, labelsOf(reference, 'class'), { seed });
  const classifier = await allBaselines()
    .find(({ id }) => id === method)!
    .fit(learnt);
  const fitted = performance.now();
  const { codes } = await classifier.predict(expression.query);
  return {
    fitting: (fitted - started) / 1000,
    labelling: (performance.now() - fitted) / 1000,
    labels: Array.from(codes, (code) => classifier.classes[code]),
  };
}

const request: RunRequest = JSON.parse(process.argv[2]);
const cells = await drawCells(request.source, request.sizes, request.seed);
const before = process.cpuUsage();
const { labels, fitting, labelling } = await (request.method === 'scgpt' ? scgpt : classical)(cells, request);
const { user, system } = process.cpuUsage(before);
const truth = cells.query.obs.strings('class');
const right = labels.filter((label, cell) => label === truth[cell]).length;
const peak = process.resourceUsage().maxRSS * 1024;
const answer: RunAnswer = {
  fitting,
  labelling,
  processor: (user + system) / 1e6,
  accuracy: right / labels.length,
  peak,
};
console.log(JSON.stringify(answer));
