/** @file Names beside points, so that none covers another name or point. */

import { textWidth } from './chart.ts';

/** A point that is to be named. */
export interface NamedPoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Where a name stands. */
export interface PlacedLabel {
  /** Which point. */
  readonly point: number;
  readonly x: number;
  /** Of the letters' foot. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Options of {@link placeLabels}. */
export interface PlaceLabelsOptions {
  readonly width: number;
  readonly height: number;
  /** Of the letters. */
  readonly size: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Names of the points in their order, as far as there is room: those that come first are named first. */
export function placeLabels(
  points: readonly NamedPoint[],
  { width, height, size }: PlaceLabelsOptions,
): PlacedLabel[] {
  const circles = points.map(({ x, y, radius }) => boxAround(x, y, radius));
  const taken: Box[] = [];
  return points.flatMap((point, index): PlacedLabel[] => {
    const wide = textWidth(point.name, size);
    for (const [label, box] of choices(point, wide, size)) {
      const inside = box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height;
      const free = (others: readonly Box[]) => !others.some((other) => overlap(box, other));
      if (!inside || !free(taken) || !free(circles)) continue;
      taken.push(box);
      return [{ ...label, point: index }];
    }
    return [];
  });
}

function boxAround(x: number, y: number, radius: number): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

/** Right, left, below, above. */
function choices(
  { x, y, radius }: NamedPoint,
  wide: number,
  size: number,
): (readonly [label: Omit<PlacedLabel, 'point'>, box: Box])[] {
  const gap = radius + 3;
  const foot = 0.35 * size; // from the middle of letters
  const at = (anchor: PlacedLabel['anchor'], labelX: number, labelY: number) => {
    const left = labelX - (anchor === 'start' ? 0 : anchor === 'end' ? wide : wide / 2);
    const box = { left, right: left + wide, top: labelY - 0.85 * size, bottom: labelY + 0.25 * size };
    return [{ x: labelX, y: labelY, anchor }, box] as const;
  };
  return [
    at('start', x + gap, y + foot),
    at('end', x - gap, y + foot),
    at('middle', x, y + gap + 0.85 * size),
    at('middle', x, y - gap - 0.25 * size),
  ];
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
