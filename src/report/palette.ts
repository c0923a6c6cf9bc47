/** @file Colours that people with colour-vision deficiencies can tell apart, on light and dark ground. */

/** For cells without a value. */
export const missingColor = '#9a9a9a';

/** For all cells, where they are coloured by nothing. */
export const plainColor = '#4a86b8';

/**
 * Six of Okabe & Ito 2008, without their yellow and black, which one ground or the other would hide; then six that keep
 * the distance, in full sight and to the red-blind and green-blind.
 */
const firstColors = [
  ...['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'],
  ...['#8c6d31', '#882255', '#b4c06c', '#4b3fb5', '#a05cff', '#006d77'],
];

/** Lighter, darker and greyer variants that follow: with so many groups no palette is told apart by all. */
const variants: readonly (readonly [mix: string, share: number])[] = [
  ['#ffffff', 0.45],
  ['#000000', 0.42],
  ['#9a9a9a', 0.55],
  ['#ffffff', 0.68],
];

/** For cells that a method would not name. */
const unassignedColor = '#6f6f6f';

/** Colours in their order; they repeat after 60. */
export function groupColors(count: number): string[] {
  return Array.from({ length: count }, (_, i) => allColors[i % allColors.length]);
}

const allColors = [
  ...firstColors,
  ...variants.flatMap(([color, share]) => firstColors.map((first) => mix(first, color, share))),
];

/**
 * Colours of the groups of several columns: a label and its prediction look the same. A column takes the colours of the
 * first before it that has a group of the same name; what is `unassigned` is grey.
 */
export function columnColors(columns: readonly (readonly string[])[]): string[][] {
  const families: Map<string, string>[] = [];
  return columns.map((groups) => {
    const names = groups.filter((name) => name !== 'unassigned');
    let family = families.find((candidate) => names.some((name) => candidate.has(name)));
    if (family === undefined) {
      family = new Map();
      families.push(family);
    }
    for (const name of names) {
      if (!family.has(name)) family.set(name, allColors[family.size % allColors.length]);
    }
    return groups.map((name) => family.get(name) ?? unassignedColor);
  });
}

/** Viridis (Smith & van der Walt 2015) without the ends that a dark or a white ground would hide, at equal steps. */
const viridis = ['#414487', '#355f8d', '#2a788e', '#21918c', '#22a884', '#44bf70', '#7ad151', '#bddf26'];

/** `count` colours from low to high. */
export function numberColors(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const place = (i / Math.max(1, count - 1)) * (viridis.length - 1);
    const below = Math.min(Math.floor(place), viridis.length - 2);
    return mix(viridis[below], viridis[below + 1], place - below);
  });
}

/** Red, green and blue of a colour, 0 .. 255. */
export function channels(color: string): [red: number, green: number, blue: number] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as [number, number, number];
}

function mix(from: string, to: string, share: number): string {
  const target = channels(to);
  const mixed = channels(from).map((channel, i) => Math.round(channel + share * (target[i] - channel)));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
