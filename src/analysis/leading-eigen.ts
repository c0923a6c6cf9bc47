/** @file The largest eigenvalues of a large symmetric matrix and their eigenvectors. */

import { DeviceError } from '../support/errors.ts';
import { type Random, randomStream } from '../support/random.ts';
import { type EigenPairs, symmetricEigen } from './symmetric-eigen.ts';

/** Writes the image of a vector under a symmetric matrix. */
export type SymmetricMap = (vector: Float64Array, image: Float64Array) => void;

/** Residuals below this share of the largest eigenvalue end the search; rounding alone leaves about 1e-15. */
const tolerance = 1e-12;
const mostRestarts = 300;

/**
 * Lanczos iteration with full orthogonalisation and thick restarts (Wu & Simon 2000): the basis grows by the
 * image of its last vector, and is cut back to its best combinations when full. Starts from fixed pseudo-random
 * numbers, so that equal input gives equal bytes. Repeated eigenvalues are found: a basis that is closed under the
 * matrix is continued by a new direction.
 *
 * @param matrix symmetric, `[size, size]`, or what it does to a vector, for matrices that are mostly zeros
 * @param count how many eigenpairs, at most `size`
 */
export function leadingEigen(matrix: Float64Array | SymmetricMap, size: number, count: number): EigenPairs {
  const capacity = Math.min(size, Math.max(3 * count + 60, 120));
  if (capacity === size || size <= 200)
    return firstOf(symmetricEigen(denseOf(matrix, size), size), size, count);
  const map: SymmetricMap =
    typeof matrix === 'function' ? matrix : (vector, image) => multiply(matrix, size, vector, image);
  const random = randomStream(0, 'lanczos');
  const basis = new Float64Array((capacity + 1) * size); // [capacity + 1, size], orthonormal rows
  const projected = new Float64Array(capacity * capacity); // basis x matrix x basis
  let filled = 0; // rows of the basis whose image is in `projected`
  setDirection(basis, 0, size, random);
  for (let restart = 0; restart < mostRestarts; restart++) {
    let residual = 0;
    for (; filled < capacity; filled++) {
      residual = extend(map, size, basis, filled, projected, capacity, random);
    }
    const ritz = symmetricEigen(projected, capacity);
    if (converged(ritz, residual, capacity, count)) return combine(ritz, basis, size, capacity, count);
    const kept = Math.floor((count + capacity) / 2);
    const { values, vectors } = combine(ritz, basis, size, capacity, kept);
    basis.copyWithin(kept * size, capacity * size, (capacity + 1) * size);
    basis.set(vectors);
    projected.fill(0);
    for (let i = 0; i < kept; i++) projected[i * capacity + i] = values[i];
    filled = kept;
  }
  throw new DeviceError({
    what: `the ${count} largest eigenvalues of a ${size} x ${size} matrix were not found in ${mostRestarts} restarts`,
    where: 'eigenvectors',
    advice: 'Ask for fewer components.',
    reason: 'no_convergence',
  });
}

function denseOf(matrix: Float64Array | SymmetricMap, size: number): Float64Array {
  if (typeof matrix !== 'function') return matrix;
  const dense = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    matrix(
      Float64Array.from({ length: size }, (_, i) => (i === row ? 1 : 0)),
      dense.subarray(row * size, (row + 1) * size),
    );
  }
  return dense;
}

function firstOf({ values, vectors }: EigenPairs, size: number, count: number): EigenPairs {
  return { values: values.slice(0, count), vectors: vectors.slice(0, count * size) };
}

/** Takes the image of basis vector `j` into account; its new direction becomes vector `j + 1`. */
function extend(
  map: SymmetricMap,
  size: number,
  basis: Float64Array,
  j: number,
  projected: Float64Array,
  capacity: number,
  random: Random,
): number {
  const image = basis.subarray((j + 1) * size, (j + 2) * size);
  map(basis.subarray(j * size, (j + 1) * size), image);
  const before = norm(image);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i <= j; i++) {
      const coefficient = removeDirection(image, basis, i * size);
      if (pass > 0) continue;
      projected[i * capacity + j] = coefficient;
      projected[j * capacity + i] = coefficient;
    }
  }
  const residual = norm(image);
  if (residual <= 1e-14 * before || residual === 0) {
    if (j + 1 < size) setDirection(basis, j + 1, size, random);
    return 0;
  }
  for (let i = 0; i < size; i++) image[i] /= residual;
  return residual;
}

/** Four rows at once: their sums do not wait for each other. */
function multiply(matrix: Float64Array, size: number, vector: Float64Array, out: Float64Array): void {
  for (let row = 0; row < size; row += 4) {
    const a = row * size;
    const b = Math.min(row + 1, size - 1) * size;
    const c = Math.min(row + 2, size - 1) * size;
    const d = Math.min(row + 3, size - 1) * size;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let i = 0; i < size; i++) {
      const x = vector[i];
      sumA += matrix[a + i] * x;
      sumB += matrix[b + i] * x;
      sumC += matrix[c + i] * x;
      sumD += matrix[d + i] * x;
    }
    out[row] = sumA;
    out[row + 1] = sumB; // beyond the end nothing is stored
    out[row + 2] = sumC;
    out[row + 3] = sumD;
  }
}

/** Fills a row of the basis with a random direction that no row before it has a part in. */
function setDirection(basis: Float64Array, row: number, size: number, random: Random): void {
  const vector = basis.subarray(row * size, (row + 1) * size);
  for (let i = 0; i < size; i++) vector[i] = random.normal();
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < row; i++) removeDirection(vector, basis, i * size);
  }
  const length = norm(vector);
  for (let i = 0; i < size; i++) vector[i] /= length;
}

/** Takes the part along a unit vector out and returns its length. Four sums at once: they do not wait for each other. */
function removeDirection(vector: Float64Array, basis: Float64Array, start: number): number {
  const size = vector.length;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < size; i += 4) {
    a += vector[i] * basis[start + i];
    b += vector[i + 1] * basis[start + i + 1];
    c += vector[i + 2] * basis[start + i + 2];
    d += vector[i + 3] * basis[start + i + 3];
  }
  for (; i < size; i++) a += vector[i] * basis[start + i];
  const dot = a + b + (c + d);
  for (i = 0; i < size; i++) vector[i] -= dot * basis[start + i];
  return dot;
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  return Math.sqrt(sum);
}

function converged(ritz: EigenPairs, residual: number, capacity: number, count: number): boolean {
  const bound = tolerance * Math.max(Math.abs(ritz.values[0]), Math.abs(ritz.values[capacity - 1]));
  for (let i = 0; i < count; i++) {
    if (Math.abs(residual * ritz.vectors[i * capacity + capacity - 1]) > bound) return false;
  }
  return true;
}

/** The first `count` eigenvectors of the projection in terms of the whole space. */
function combine(
  ritz: EigenPairs,
  basis: Float64Array,
  size: number,
  capacity: number,
  count: number,
): EigenPairs {
  const vectors = new Float64Array(count * size);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < capacity; i++) {
      const weight = ritz.vectors[row * capacity + i];
      for (let place = 0; place < size; place++)
        vectors[row * size + place] += weight * basis[i * size + place];
    }
  }
  return { values: ritz.values.slice(0, count), vectors };
}
