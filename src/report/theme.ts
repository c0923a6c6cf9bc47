/** @file Colours of the page and of figures, on light and dark ground and on paper. */

/** Colours by what they are for. */
export type Theme = Readonly<Record<keyof typeof light, string>>;

const light = {
  ground: '#fbfbf9',
  panel: '#ffffff',
  ink: '#1c1e21',
  soft: '#5c6168',
  line: '#e1e1dc',
  accent: '#2f6690',
  baseline: '#9c5612',
  heat: '#1d4f78',
  'warn-ground': '#fff4dc',
  'warn-line': '#d9980d',
  'warn-ink': '#4d3500',
};

const dark: Theme = {
  ground: '#14161a',
  panel: '#1b1e23',
  ink: '#e8e8e4',
  soft: '#a0a5ad',
  line: '#2f343b',
  accent: '#7db4dd',
  baseline: '#e0a163',
  heat: '#6aa5d6',
  'warn-ground': '#3a2c08',
  'warn-line': '#c58f17',
  'warn-ink': '#ffe3a3',
};

const paper: Theme = {
  ...light,
  ground: '#ffffff',
  ink: '#000000',
  soft: '#444444',
  line: '#cccccc',
  'warn-ground': '#ffffff',
  'warn-ink': '#000000',
};

export const themes = { light, dark, paper } as const;

/** A theme as custom properties of CSS, which a style sheet names as `var(--ink)`. */
export function customProperties(theme: Theme): string {
  return Object.entries(theme)
    .map(([name, color]) => `--${name}: ${color};`)
    .join(' ');
}

/** From this share on, words on `heat` take the panel's colour: there both colours stand out equally, in either theme. */
export const darkHeat = 0.7;

/** How charts look in the page, which defines the custom properties. */
export const chartStyle = `
.chart text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-size: 12px; fill: var(--ink); }
.chart .soft { fill: var(--soft); }
.chart .small { font-size: 10.5px; }
.chart .title { font-size: 13.5px; font-weight: 600; }
.chart .strong { font-weight: 700; }
.chart .ours { fill: var(--accent); font-weight: 600; }
.chart .plate { fill: var(--panel); }
.chart .frame { fill: none; stroke: var(--line); stroke-width: 1; }
.chart .grid { fill: none; stroke: var(--line); stroke-width: 1; }
.chart .axis { fill: none; stroke: var(--soft); stroke-width: 1; }
.chart .chosen { fill: none; stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 3 3; }
.chart .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.chart .heat { fill: var(--heat); }
.chart .onheat { fill: var(--panel); }
.chart .own { fill: var(--line); }
.chart .right { fill: none; stroke: var(--soft); stroke-width: 1; }
.chart .bar { fill: var(--soft); fill-opacity: 0.45; }
.chart .bar.ours { fill: var(--accent); fill-opacity: 1; }
.chart .edge { fill: none; stroke: var(--soft); }
.chart .arrow { fill: var(--soft); }
.chart .node { stroke: var(--panel); stroke-width: 1; }
.chart .name { font-size: 11px; paint-order: stroke; stroke: var(--ground); stroke-width: 2.5px; stroke-linejoin: round; }
.chart .hit { fill: transparent; }
`;

/** For a chart that stands alone: colours in the place of custom properties, which few programs but browsers know. */
export function aloneChartStyle(theme: Theme): string {
  return chartStyle.replace(/var\(--([a-z-]+)\)/g, (_, name: keyof Theme) => theme[name]);
}
