/** @file Batches of bench/train.ts: of given sizes for equal work, and as the published recipes have them. */

import type { ModelConfig } from '../../src/model/config.ts';
import { binnedValues } from '../../src/model/value-table.ts';
import type { NamedTensors } from '../../src/runtime/executable.ts';
import { ValueBinner } from '../../src/single-cell/binning.ts';
import { loadCensusVocabulary, packageData } from '../../src/single-cell/genes/load.ts';
import { openData } from '../../src/single-cell/open.ts';
import { specialTokens, Vocabulary } from '../../src/single-cell/vocabulary.ts';
import { randomStream } from '../../src/support/random.ts';
import type { Tensor } from '../../src/support/tensor.ts';
import { corpusOf } from '../../src/tasks/pretrain/corpus.ts';
import { pretrainingBatch } from '../../src/train/pretraining-batch.ts';

/** Share of values that fine-tuning hides. */
const hiddenShare = 0.4;

/** Random cells without padding; `<cls>` is the first token, the genes are the vocabulary's first. */
export function wholeCells(cells: number, tokens: number, config: ModelConfig): NamedTensors {
  const random = randomStream(0, 'cells', cells, tokens);
  const names = Object.keys(specialTokens);
  const genes = config.vocabularySize - names.length;
  const cls = genes + names.indexOf('cls');
  const count = cells * tokens;
  const isCls = (i: number): boolean => i % tokens === 0;
  const target = Float32Array.from({ length: count }, () => random.integer(config.bins));
  const masked = Uint8Array.from({ length: count }, (_, i) =>
    !isCls(i) && random.uniform() < hiddenShare ? 1 : 0,
  );
  const rows = (dtype: Tensor['dtype'], data: Tensor['data']): Tensor =>
    ({ dtype, shape: [cells, tokens], data }) as Tensor;
  const each = (value: (cell: number) => number): Tensor => ({
    dtype: 'int32',
    shape: [cells],
    data: Int32Array.from({ length: cells }, (_, cell) => value(cell)),
  });
  return {
    genes: rows(
      'int32',
      Int32Array.from({ length: count }, (_, i) => (isCls(i) ? cls : random.integer(genes))),
    ),
    values: rows(
      'float32',
      target.map((value, i) => (masked[i] === 1 ? config.maskValue : value)),
    ),
    target: rows('float32', target),
    masked: rows('bool', masked),
    keep: rows('bool', new Uint8Array(count).fill(1)),
    places: each((cell) => cell),
    batch: each(() => 0), // as in the reference, all cells of a batch are of one domain
    domain: each(() => 0),
  };
}

/** Batches of generative pre-training and the vocabulary they are in. */
export interface PretrainingWork {
  readonly batches: readonly NamedTensors[];
  readonly vocabulary: Vocabulary;
  /** Tokens of the whole vocabulary. */
  readonly wholeSize: number;
}

/** Evenly spaced cells of a file, all genes above zero, once for each share of unknown genes in the published recipe. */
export async function pretrainingBatches(
  path: string,
  count: number,
  configOf: (vocabularySize: number) => ModelConfig,
): Promise<PretrainingWork> {
  const published = await loadCensusVocabulary(packageData());
  const whole = Vocabulary.fromTokens([...published, ...Object.values(specialTokens)]);
  const data = await openData(path);
  const { cells, compact } = await corpusOf([{ label: path, data }], whole, {});
  const { vocabulary } = compact;
  const spacing = (cells.count - 1) / Math.max(1, count - 1);
  const chosen = await cells.read(Array.from({ length: count }, (_, i) => Math.floor(i * spacing)));
  await data.close();

  const config = configOf(vocabulary.size);
  const values = binnedValues(config);
  const settings = { config, vocabulary, values, seed: 0, maxLength: config.maxLength };
  const binner = new ValueBinner(config.bins, 'left');
  const batches = [0.25, 0.5, 0.75].map((ratio) => {
    const { feeds } = pretrainingBatch(chosen, { ...settings, binner, ratios: [ratio] }, 1, 0);
    const { shape, data: valueRows } = feeds.knownValues as Tensor<'int32'>;
    const knownValues = Float32Array.from(valueRows, (row) => values.values[row]);
    return { ...feeds, knownValues: { dtype: 'float32', shape, data: knownValues } } as NamedTensors;
  });
  return { batches, vocabulary, wholeSize: whole.size };
}
