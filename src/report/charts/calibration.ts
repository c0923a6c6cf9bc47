/** @file Reliability: how often predictions are right, by how sure they are. */

import { plural } from '../../support/words.ts';
import { html, type Markup } from '../markup.ts';
import { percent, score } from '../numbers.ts';
import { groupColors } from '../palette.ts';
import type { CalibrationCurve, CalibrationSection } from '../task-report.ts';
import { arranged, type Chart, colorKeys, round } from './chart.ts';

const [side, left, top] = [270, 46, 8];
const marks = [0, 0.25, 0.5, 0.75, 1];

/** Accuracy by confidence; a dot's area is the share of cells. On the diagonal confidence can be believed. */
export function calibrationChart({ curves }: CalibrationSection): Chart {
  const colors = groupColors(curves.length);
  const bottom = top + side;
  const body = html`${marks.map(
    (
      mark,
    ) => html`<path class="grid" d="M${left} ${y(mark)}h${side}"/><text class="soft small" text-anchor="end" x="${left - 6}" y="${round(y(mark) + 3.5)}">${percent(mark, 0)}</text>
<text class="soft small" text-anchor="middle" x="${x(mark)}" y="${bottom + 16}">${percent(mark, 0)}</text>`,
  )}<path class="axis" d="M${left} ${bottom}h${side}"/><path class="chosen" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}"/>
<text class="soft small" text-anchor="middle" x="${left + side / 2}" y="${bottom + 33}">confidence of the prediction</text>
<text class="soft small" text-anchor="middle" transform="translate(10 ${top + side / 2}) rotate(-90)">share that is right</text>
${curves.map((curve, i) => drawn(curve, colors[i]))}`;
  return {
    width: left + side + 16,
    height: bottom + 38,
    label: `Accuracy by confidence. ${curveLabels(curves).join('; ')}`,
    body,
  };
}

/** Names of the curves with their errors. */
export function curveLabels(curves: readonly CalibrationCurve[]): string[] {
  return curves.map(({ name, error }) => `${name}, calibration error ${score(error)}`);
}

/** The chart and its legend as one. */
export function calibrationFigure(section: CalibrationSection): Chart {
  const chart = calibrationChart(section);
  const legend = colorKeys(curveLabels(section.curves), groupColors(section.curves.length), chart.width);
  return arranged([chart, legend], 1, chart.label, 12);
}

function x(confidence: number): number {
  return round(left + confidence * side);
}

function y(accuracy: number): number {
  return round(top + (1 - accuracy) * side);
}

function drawn({ name, bins }: CalibrationCurve, color: string): Markup {
  const total = bins.reduce((sum, { cells }) => sum + cells, 0);
  const path = bins.map(
    ({ confidence, accuracy }, i) => `${i === 0 ? 'M' : 'L'}${x(confidence)} ${y(accuracy)}`,
  );
  const dots = bins.map(({ confidence, accuracy, cells }) => {
    const tip = `${name}: ${plural(cells, 'cell')} with confidence ${percent(confidence)}, ${percent(accuracy)} right`;
    const radius = round(2.5 + 8 * Math.sqrt(cells / total));
    return html`<circle cx="${x(confidence)}" cy="${y(accuracy)}" r="${radius}" fill="${color}" fill-opacity="0.75" data-tip="${tip}"/>`;
  });
  return html`<path class="curve" stroke="${color}" d="${path.join('')}"/>${dots}`;
}
