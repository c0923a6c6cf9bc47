/** @file The logarithm of the gamma function, of numbers; `variational-autoencoder/log-gamma.ts` is that of a graph. */

/** Coefficients of Lanczos's approximation with g = 7, good to 1e-15. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** The logarithm of the gamma function of a positive number. */
export function logGamma(a: number): number {
  const base = a + 6.5;
  const sum = lanczos.reduce(
    (total, coefficient, n) => total + (n === 0 ? coefficient : coefficient / (a + n - 1)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (a - 0.5) * Math.log(base) - base + Math.log(sum);
}
