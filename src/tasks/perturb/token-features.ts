/** @file What is known of genes before any screen: their pretrained embeddings, and the gene sets they are in. */

import { symmetricEigen } from '../../analysis/symmetric-eigen.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import { randomStream } from '../../support/random.ts';
import type { Tensor } from '../../support/tensor.ts';

/** Numbers that describe tokens, one row for each. */
export interface TokenFeatures {
  readonly width: number;
  readonly values: Float32Array; // [tokens, width]
}

/** Embeddings wider than this are projected at random, which keeps distances (Johnson & Lindenstrauss 1984). */
const mostWidth = 64;

/** Embeddings of genes, each row with mean 0 and variance 1, as the model's layer norm has them before its scale. */
export function embeddingFeatures({ shape, data }: Tensor<'float32'>, seed: number): TokenFeatures {
  const [tokens, size] = shape;
  const width = Math.min(size, mostWidth);
  const projection = size > mostWidth ? projectionOf(size, width, seed) : undefined;
  const values = new Float32Array(tokens * width);
  for (let token = 0; token < tokens; token++) {
    const row = standardised(data.subarray(token * size, (token + 1) * size));
    for (let i = 0; i < width; i++) {
      values[token * width + i] = projection === undefined ? row[i] : dot(row, projection, i * size);
    }
  }
  return { width, values };
}

function projectionOf(size: number, width: number, seed: number): Float32Array {
  const random = randomStream(seed, 'projection of embeddings');
  return Float32Array.from({ length: width * size }, () => random.normal() / Math.sqrt(width));
}

function standardised(row: Float32Array): Float64Array {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return Float64Array.from(row, (value) => (value - mean) / Math.sqrt(variance + 1e-5));
}

function dot(row: Float64Array, rows: Float32Array, start: number): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] * rows[start + i];
  return sum;
}

/** Components of gene sets that are kept. */
const mostComponents = 8;

/**
 * The leading components of which sets genes are in, found on the perturbed genes of a screen and given for all tokens;
 * scaled so that the first has variance 1 over those genes. Genes in no set have the mean of all: zeros.
 *
 * @param perturbed tokens of the perturbed genes
 */
export function geneSetFeatures(
  sets: readonly GeneSet[],
  tokenOf: (gene: string) => number | undefined,
  tokens: number,
  perturbed: readonly number[],
): TokenFeatures {
  const members = sets.map(({ genes }) => new Set(genes.map(tokenOf).filter((token) => token !== undefined)));
  const told = members.filter((set) => perturbed.some((token) => set.has(token)));
  const known = perturbed.filter((token) => told.some((set) => set.has(token)));
  const width = Math.min(mostComponents, Math.max(0, known.length - 1));
  const values = new Float32Array(tokens * width);
  if (width === 0) return { width, values };
  const means = told.map((set) => known.filter((token) => set.has(token)).length / known.length);
  const centred = (token: number): Float64Array =>
    Float64Array.from(told, (set, i) => (set.has(token) ? 1 : 0) - means[i]);
  const rows = known.map(centred); // [known, sets]
  const gram = new Float64Array(known.length ** 2);
  rows.forEach((a, i) => {
    rows.forEach((b, j) => {
      gram[i * known.length + j] = a.reduce((sum, value, k) => sum + value * b[k], 0);
    });
  });
  const axes = leadingAxes(gram, rows, width); // [width][sets]
  const scale = Math.sqrt(known.length / Math.max(1e-12, largestEigenvalue(gram, known.length)));
  const inAnySet = new Set(told.flatMap((set) => [...set]));
  for (const token of inAnySet) {
    const row = centred(token);
    axes.forEach((axis, i) => {
      values[token * width + i] = scale * axis.reduce((sum, value, k) => sum + value * row[k], 0);
    });
  }
  return { width, values };
}

function leadingAxes(
  gram: Float64Array,
  rows: readonly Float64Array[],
  width: number,
): readonly Float64Array[] {
  const size = rows.length;
  const { values, vectors } = symmetricEigen(gram, size);
  return Array.from({ length: width }, (_, k) => {
    const axis = new Float64Array(rows[0].length);
    const root = Math.sqrt(Math.max(values[k], 1e-12));
    rows.forEach((row, i) => {
      for (let set = 0; set < axis.length; set++) axis[set] += (vectors[k * size + i] * row[set]) / root;
    });
    return axis;
  });
}

function largestEigenvalue(gram: Float64Array, size: number): number {
  return symmetricEigen(gram, size).values[0];
}

/** Features side by side. */
export function joinedFeatures(parts: readonly TokenFeatures[], tokens: number): TokenFeatures {
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const values = new Float32Array(tokens * width);
  for (let token = 0; token < tokens; token++) {
    let at = token * width;
    for (const part of parts) {
      values.set(part.values.subarray(token * part.width, (token + 1) * part.width), at);
      at += part.width;
    }
  }
  return { width, values };
}
