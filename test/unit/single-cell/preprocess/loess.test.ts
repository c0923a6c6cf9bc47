import { describe, expect, it } from 'vitest';
import { loess } from '../../../../src/single-cell/preprocess/loess.ts';
import { InputError } from '../../../../src/support/errors.ts';
import { golden } from '../golden.ts';

interface Case {
  readonly parameters: {
    readonly loess: { readonly span: number; readonly sets: Record<string, { readonly error?: string }> };
  };
}

const fixture = golden<Case>('preprocess');
const { sets, span } = fixture.about.parameters.loess;
const good = Object.keys(sets).filter((name) => sets[name].error === undefined);
const bad = Object.keys(sets).filter((name) => sets[name].error !== undefined);

function near(actual: Float64Array, expected: Float64Array, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(value)));
  }
}

describe('loess', () => {
  it.each(good)('fits %s as the library does', (name) => {
    const fit = loess(fixture.f64(`loess/${name}/x`), fixture.f64(`loess/${name}/y`), span);
    expect(fit.vertices).toEqual(fixture.f64(`loess/${name}/vertices`));
    near(fit.values, fixture.f64(`loess/${name}/vertex_values`), 1e-10);
    near(fit.slopes, fixture.f64(`loess/${name}/vertex_slopes`), 1e-10);
    near(fit.fitted, fixture.f64(`loess/${name}/fitted`), 1e-10);
    near(fit.fitted, fixture.f64(`loess/${name}/fitted_direct`), 0.05);
  });

  it.each(bad)('refuses %s, where the library fails', (name) => {
    const fit = () => loess(fixture.f64(`loess/${name}/x`), fixture.f64(`loess/${name}/y`), span);
    expect(fit).toThrow(InputError);
    expect(fit).toThrow(expect.objectContaining({ reason: 'near_singular' }));
  });

  it('follows a parabola exactly, in any order of points', () => {
    const x = Float64Array.from({ length: 200 }, (_, i) => ((i * 73) % 200) / 20);
    const parabola = (at: number) => 3 - 2 * at + 0.5 * at * at;
    near(loess(x, x.map(parabola)).fitted, x.map(parabola), 1e-10);
  });

  it('refuses too few points and points that are all the same', () => {
    expect(() => loess(Float64Array.of(1, 2, 3), Float64Array.of(1, 2, 3))).toThrow(/too few/);
    const same = new Float64Array(50).fill(2);
    expect(() => loess(same, same)).toThrow(/near-singular/);
  });
});
