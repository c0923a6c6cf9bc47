/** @file All eigenvalues and eigenvectors of a dense symmetric matrix. */

/** Eigenpairs, largest eigenvalue first. */
export interface EigenPairs {
  readonly values: Float64Array; // [count]
  /** Eigenvectors of unit length in rows. */
  readonly vectors: Float64Array; // [count, size]
}

/**
 * Householder reduction to tridiagonal form and implicitly shifted QL steps (Martin, Reinsch & Wilkinson 1968;
 * Bowdler et al. 1968). Time grows with the cube of `size`: a few hundred take well under a second.
 *
 * @param matrix symmetric, `[size, size]`; left alone
 */
export function symmetricEigen(matrix: Float64Array, size: number): EigenPairs {
  const basis = matrix.slice(); // becomes the eigenvectors, in columns
  const diagonal = new Float64Array(size);
  const offDiagonal = new Float64Array(size);
  tridiagonalise(basis, size, diagonal, offDiagonal);
  diagonalise(basis, size, diagonal, offDiagonal);
  const order = Int32Array.from(diagonal, (_, i) => i).sort((a, b) => diagonal[b] - diagonal[a] || a - b);
  const vectors = new Float64Array(size * size);
  order.forEach((column, row) => {
    for (let i = 0; i < size; i++) vectors[row * size + i] = basis[i * size + column];
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]), vectors };
}

/** Reflects the matrix `v` to tridiagonal form and leaves the accumulated reflections in it. */
function tridiagonalise(v: Float64Array, n: number, diagonal: Float64Array, offDiagonal: Float64Array): void {
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(v[row + k]);
    if (i === 1 || scale === 0) {
      offDiagonal[i] = v[row + i - 1];
      diagonal[i] = 0;
      continue;
    }
    let h = 0;
    for (let k = 0; k < i; k++) {
      v[row + k] /= scale;
      h += v[row + k] * v[row + k];
    }
    const f = v[row + i - 1];
    const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
    offDiagonal[i] = scale * g;
    h -= f * g;
    v[row + i - 1] = f - g;
    reflect(v, n, i, h, offDiagonal);
    diagonal[i] = h;
  }
  diagonal[0] = 0;
  accumulate(v, n, diagonal);
}

/** Applies the reflection in row `i` to the leading block; `work` takes intermediate values in its first `i`. */
function reflect(v: Float64Array, n: number, i: number, h: number, work: Float64Array): void {
  const row = i * n;
  let projection = 0;
  for (let j = 0; j < i; j++) {
    v[j * n + i] = v[row + j] / h;
    let sum = 0;
    for (let k = 0; k <= j; k++) sum += v[j * n + k] * v[row + k];
    for (let k = j + 1; k < i; k++) sum += v[k * n + j] * v[row + k];
    work[j] = sum / h;
    projection += work[j] * v[row + j];
  }
  const half = projection / (2 * h);
  for (let j = 0; j < i; j++) {
    const f = v[row + j];
    const g = work[j] - half * f;
    work[j] = g;
    for (let k = 0; k <= j; k++) v[j * n + k] -= f * work[k] + g * v[row + k];
  }
}

function accumulate(v: Float64Array, n: number, diagonal: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    if (diagonal[i] !== 0) {
      for (let j = 0; j < i; j++) {
        let sum = 0;
        for (let k = 0; k < i; k++) sum += v[row + k] * v[k * n + j];
        for (let k = 0; k < i; k++) v[k * n + j] -= sum * v[k * n + i];
      }
    }
    diagonal[i] = v[row + i];
    v[row + i] = 1;
    for (let j = 0; j < i; j++) {
      v[j * n + i] = 0;
      v[row + j] = 0;
    }
  }
}

/** Rotates the tridiagonal matrix to diagonal form, and the columns of `v` with it. */
function diagonalise(v: Float64Array, n: number, diagonal: Float64Array, offDiagonal: Float64Array): void {
  for (let i = 1; i < n; i++) offDiagonal[i - 1] = offDiagonal[i];
  if (n > 0) offDiagonal[n - 1] = 0;
  // of the largest entries: what is negligible. Of all of them, as among rounding alone, which matrices of low rank begin
  // with, nothing is negligible and steps never end
  let size = 0;
  for (let l = 0; l < n; l++) size = Math.max(size, Math.abs(diagonal[l]) + Math.abs(offDiagonal[l]));
  for (let l = 0; l < n; l++) {
    let m = l;
    while (m < n - 1 && Math.abs(offDiagonal[m]) > Number.EPSILON * size) m++;
    while (m > l) {
      qlStep(v, n, l, m, diagonal, offDiagonal);
      m = l;
      while (m < n - 1 && Math.abs(offDiagonal[m]) > Number.EPSILON * size) m++;
    }
  }
}

function qlStep(
  v: Float64Array,
  n: number,
  l: number,
  m: number,
  diagonal: Float64Array,
  offDiagonal: Float64Array,
): void {
  let g = (diagonal[l + 1] - diagonal[l]) / (2 * offDiagonal[l]);
  g = diagonal[m] - diagonal[l] + offDiagonal[l] / (g + (g >= 0 ? Math.hypot(g, 1) : -Math.hypot(g, 1)));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * offDiagonal[i];
    const b = cosine * offDiagonal[i];
    const r = Math.hypot(f, g);
    offDiagonal[i + 1] = r;
    if (r === 0) {
      diagonal[i + 1] -= shift;
      offDiagonal[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = diagonal[i + 1] - shift;
    const t = (diagonal[i] - g) * sine + 2 * cosine * b;
    shift = sine * t;
    diagonal[i + 1] = g + shift;
    g = cosine * t - b;
    for (let k = 0; k < n; k++) {
      const place = k * n + i;
      const right = v[place + 1];
      v[place + 1] = sine * v[place] + cosine * right;
      v[place] = cosine * v[place] - sine * right;
    }
  }
  diagonal[l] -= shift;
  offDiagonal[l] = g;
  offDiagonal[m] = 0;
}
