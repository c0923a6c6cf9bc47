/** @file One weighted quadratic fit, solved by singular values so that an undetermined one is noticed. */

/** Value and slope of a fitted quadratic at the point it was fitted around. */
export interface Line {
  readonly value: number;
  readonly slope: number;
}

/** Singular values below this share of the largest count as zero. */
const singularTolerance = 100 * Number.EPSILON;

/**
 * Least squares of y on 1, x - at and (x - at)^2 with tricube weights that end at `radius`.
 *
 * @returns null when the fit is not determined
 */
export function weightedLine(x: Float64Array, y: Float64Array, at: number, radius: number): Line | null {
  const columns: [number[], number[], number[]] = [[], [], []];
  const target: number[] = [];
  for (let i = 0; i < x.length; i++) {
    const offset = x[i] - at;
    if (!(Math.abs(offset) < radius)) continue;
    const weight = Math.sqrt((1 - (Math.abs(offset) / radius) ** 3) ** 3);
    columns[0].push(weight);
    columns[1].push(weight * offset);
    columns[2].push(weight * offset * offset);
    target.push(weight * y[i]);
  }
  const norms = columns.map((column) => Math.sqrt(dot(column, column)));
  if (norms.some((norm) => norm === 0)) return null;
  const scaled = columns.map((column, k) => column.map((entry) => entry / norms[k]));
  const { left, right, singular } = singularValues(scaled);
  if (Math.min(...singular) <= singularTolerance * Math.max(...singular)) return null;

  // coefficients = V S^-1 U^T target, undone scaling; `left` holds the columns of U S
  const projections = left.map((column, k) => dot(column, target) / singular[k] ** 2);
  const coefficient = (row: number) =>
    projections.reduce((sum, projection, k) => sum + right[k][row] * projection, 0) / norms[row];
  return { value: coefficient(0), slope: coefficient(1) };
}

/**
 * Singular values of a matrix of few columns, by one-sided Jacobi rotations (Hestenes 1958): columns are rotated in
 * pairs until all are orthogonal.
 *
 * @returns the rotated columns `left` = U S, the rotations `right` = V by columns, and the lengths of `left`
 */
function singularValues(columns: readonly (readonly number[])[]) {
  const left = columns.map((column) => [...column]);
  const right = columns.map((_, k) => columns.map((_, row) => (row === k ? 1 : 0)));
  for (let sweep = 0, rotated = true; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let p = 0; p < left.length - 1; p++) {
      for (let q = p + 1; q < left.length; q++) {
        const a = dot(left[p], left[p]);
        const b = dot(left[q], left[q]);
        const c = dot(left[p], left[q]);
        if (Math.abs(c) <= Number.EPSILON * Math.sqrt(a * b)) continue;
        rotated = true;
        const zeta = (b - a) / (2 * c);
        const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        rotate(left[p], left[q], cosine, cosine * tangent);
        rotate(right[p], right[q], cosine, cosine * tangent);
      }
    }
  }
  return { left, right, singular: left.map((column) => Math.sqrt(dot(column, column))) };
}

function rotate(a: number[], b: number[], cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const held = a[i];
    a[i] = cosine * held - sine * b[i];
    b[i] = sine * held + cosine * b[i];
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
