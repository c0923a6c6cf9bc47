/** @file A network: nodes coloured by group, edges as wide as they are strong, the strongest nodes named. */

import { html, type Markup, none } from '../markup.ts';
import { significant } from '../numbers.ts';
import { groupColors, missingColor } from '../palette.ts';
import type { NetworkEdge, NetworkNode, NetworkSection } from '../task-report.ts';
import { arranged, type Chart, colorKeys, round, textWidth } from './chart.ts';
import { forceLayout } from './force-layout.ts';
import { placeLabels } from './place-labels.ts';

const [width, mostHeight, margin, labelSize] = [960, 620, 14, 11];

/** A node with its place. */
interface PlacedNode extends NetworkNode {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** The network with what its colours and lines mean. */
export function networkChart(section: NetworkSection): Chart {
  const { title, nodes, edges, groups } = section;
  const height = Math.min(mostHeight, 260 + 4 * nodes.length);
  const most = edges.reduce((largest, { weight }) => Math.max(largest, Math.abs(weight)), 0) || 1;
  const pulls = edges.map(({ from, to, weight }) => ({ from, to, weight: Math.abs(weight) / most }));
  const frame = { width: width - 2 * margin, height: height - 2 * margin, apart: 19 };
  const places = forceLayout(nodes.length, pulls, frame);
  const placed = nodes.map(
    (node, i): PlacedNode => ({
      ...node,
      x: round(places[2 * i] + margin),
      y: round(places[2 * i + 1] + margin),
      radius: round(3.5 + 4.5 * Math.sqrt(Math.max(0, Math.min(1, node.weight)))),
    }),
  );
  const colors = groupColors(groups.length);
  const byStrength = [...edges].sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight));
  const drawing: Chart = {
    width,
    height,
    label: `${title}: ${nodes.length} genes, ${edges.length} edges`,
    body: html`${byStrength.map((edge) => line(edge, placed, section, colors, most))}
${placed.map((node) => dot(node, section, colors))}${names(placed, height)}`,
  };
  return arranged([drawing, colorKeys(groups, colors, width), lineKeys(section, most)], 1, drawing.label, 12);
}

function colorOf({ group }: NetworkNode, colors: readonly string[]): string {
  return colors[group] ?? missingColor;
}

function line(
  { from, to, weight }: NetworkEdge,
  nodes: readonly PlacedNode[],
  { directed, edgeTitle }: NetworkSection,
  colors: readonly string[],
  most: number,
): Markup {
  const [a, b] = [nodes[from], nodes[to]];
  const share = Math.abs(weight) / most;
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [x, y] = [(b.x - a.x) / length, (b.y - a.y) / length];
  const end = length - b.radius - (directed ? 6 : 0);
  const color =
    !directed && a.group >= 0 && a.group === b.group ? html` style="stroke:${colorOf(a, colors)}"` : none;
  const dashes = weight < 0 ? html` stroke-dasharray="5 4"` : none;
  const tip = `${a.name} ${directed ? '→' : '–'} ${b.name}: ${edgeTitle} ${significant(weight, 3)}`;
  const path = html`<path class="edge"${color}${dashes} stroke-width="${round(lineWidth(share))}" stroke-opacity="${round(0.2 + 0.45 * share)}" d="M${a.x} ${a.y}L${round(a.x + x * end)} ${round(a.y + y * end)}" data-tip="${tip}"/>
`;
  if (!directed) return path;
  const tipAt = [b.x - x * (b.radius + 1), b.y - y * (b.radius + 1)];
  const corner = (side: number) =>
    `${round(tipAt[0] - 7 * x - side * 3.2 * y)} ${round(tipAt[1] - 7 * y + side * 3.2 * x)}`;
  return html`${path}<path class="arrow" fill-opacity="${round(0.35 + 0.45 * share)}" d="M${round(tipAt[0])} ${round(tipAt[1])}L${corner(1)}L${corner(-1)}z"/>`;
}

function dot(node: PlacedNode, { groups }: NetworkSection, colors: readonly string[]): Markup {
  const { name, group, note, x, y, radius } = node;
  const tip = [name, groups[group], note].filter((part) => part !== undefined).join(', ');
  return html`<circle class="node" cx="${x}" cy="${y}" r="${radius}" fill="${colorOf(node, colors)}" data-tip="${tip}"/>`;
}

/** The strongest first, as far as there is room. */
function names(nodes: readonly PlacedNode[], height: number): Markup {
  const order = [...nodes].sort((a, b) => b.weight - a.weight);
  const labels = placeLabels(order, { width, height, size: labelSize });
  return html`${labels.map(
    ({ point, x, y, anchor }) =>
      html`<text class="name" text-anchor="${anchor}" x="${round(x)}" y="${round(y)}">${order[point].name}</text>`,
  )}`;
}

/** What widths and dashes stand for. */
function lineKeys({ edges, edgeTitle, negativeTitle }: NetworkSection, most: number): Chart {
  if (edges.length === 0) return { width, height: 0, label: '', body: none };
  const least = edges.reduce((smallest, { weight }) => Math.min(smallest, Math.abs(weight)), most);
  let x = textWidth(edgeTitle, 10.5) + 16;
  const key = (text: string, thick: number, dashes: Markup): Markup => {
    const start = x;
    x += 32 + textWidth(text, 10.5) + 20;
    return html`<path class="edge" stroke-width="${round(thick)}" stroke-opacity="0.65"${dashes} d="M${round(start)} 9h26"/><text class="small soft" x="${round(start + 32)}" y="13">${text}</text>`;
  };
  const widths = (least === most ? [most] : [least, most]).map((value) =>
    key(significant(value, 2), lineWidth(value / most), none),
  );
  const negative =
    negativeTitle !== undefined && edges.some(({ weight }) => weight < 0)
      ? key(negativeTitle, 2, html` stroke-dasharray="5 4"`)
      : none;
  return {
    width,
    height: 20,
    label: '',
    body: html`<text class="small" x="0" y="13">${edgeTitle}</text>${widths}${negative}`,
  };
}

function lineWidth(share: number): number {
  return 0.6 + 2.8 * share;
}
