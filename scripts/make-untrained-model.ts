/**
 * @file Writes models/untrained: a small model with random weights that shows the whole way until a trained one ships.
 *
 * `npm run tools && node .build/scripts/make-untrained-model.js <hgnc_symbols_ensembl.tsv.gz>`. Its vocabulary has
 * the protein-coding genes of HGNC that the published vocabulary knows.
 */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { modelConfig } from '../src/model/config.ts';
import { writeModelFolder } from '../src/model/folder-on-disk.ts';
import { loadCensusVocabulary, packageData } from '../src/single-cell/genes/load.ts';
import { specialTokens, Vocabulary } from '../src/single-cell/vocabulary.ts';
import { randomParameters } from './make-random-model.ts';

const [table] = process.argv.slice(2);
const [header, ...rows] = gunzipSync(readFileSync(table))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'));
const symbol = header.indexOf('symbol');
const group = header.indexOf('locus_group');
const coding = new Set(rows.filter((row) => row[group] === 'protein-coding gene').map((row) => row[symbol]));

const published = await loadCensusVocabulary(packageData(pathToFileURL(`${resolve('data')}/`)));
const genes = published.filter((token) => coding.has(token));
const vocabulary = Vocabulary.fromTokens([...genes, ...Object.values(specialTokens)]);
const config = modelConfig({
  vocabularySize: vocabulary.size,
  embeddingSize: 64,
  hiddenSize: 64,
  heads: 4,
  layers: 4,
  doMvc: false,
  trained: false,
});
const card = `# Untrained model

**Random weights.** This model has learned nothing: its embeddings show that the way from a data file to a report works, not biology. A cell's embedding is a fixed random mixture of the genes it expresses.

- ${config.layers} layers, ${config.heads} heads, width ${config.embeddingSize}; ${config.bins} value bins; ${genes.length} protein-coding genes and 3 special tokens
- weights: the integer formula of \`scripts/make-random-model.ts\`, as float16
- gene symbols: HGNC (CC0), in the order of the published scGPT vocabulary (MIT)
- made by \`scripts/make-untrained-model.ts\`
`;
await writeModelFolder(
  'models/untrained',
  { config, vocabulary, parameters: randomParameters(config), card },
  { dtype: 'float16', force: true },
);
