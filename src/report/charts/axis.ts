/** @file Scales of axes: from values to pixels, and the round values that are written beside them. */

/** From a value to a place between 0 and 1, and where to write what. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** A scale over the values, widened to round ends; about `most` ticks. */
export function linearScale(low: number, high: number, most = 5): Scale {
  const extent = high > low ? high - low : Math.abs(high) || 1;
  const [from, to] = high > low ? [low, high] : [low - extent / 2, low + extent / 2];
  const step = roundStep((to - from) / most);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  const start = first * step;
  const end = last * step;
  return { at: (value) => (value - start) / (end - start), ticks };
}

/** What ticks of a logarithmic scale are times a power of ten, from few to many. */
const factorSets = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];

/** A logarithmic scale over values above 0; at least three ticks unless the values are nearly equal. */
export function logScale(low: number, high: number): Scale {
  const [from, to] =
    low < high ? [Math.log10(low), Math.log10(high)] : [Math.log10(low) - 0.5, Math.log10(low) + 0.5];
  const pad = 0.04 * (to - from);
  const [start, end] = [from - pad, to + pad];
  const every = Math.max(1, Math.ceil((end - start) / 6));
  const ticksOf = (factors: readonly number[]) => {
    const ticks: number[] = [];
    for (let power = Math.floor(start); power <= end; power++) {
      if (power % every !== 0) continue;
      ticks.push(...factors.map((factor) => factor * 10 ** power));
    }
    return ticks.filter((tick) => Math.log10(tick) >= start && Math.log10(tick) <= end);
  };
  const sets = factorSets.map(ticksOf);
  const ticks = sets.find((set) => set.length >= 3) ?? sets[sets.length - 1];
  return { at: (value) => (Math.log10(value) - start) / (end - start), ticks };
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** A value beside an axis, short. */
export function tickText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e5 || size < 1e-3
      ? value.toExponential(Number.isInteger(Math.log10(size)) ? 0 : 1).replace('e+', 'e')
      : String(Number(value.toPrecision(6)));
  return text.replaceAll('-', '−');
}
