/** @file The report's style sheet: system fonts, light and dark, paper, phone. */

import { Markup } from './markup.ts';
import { chartStyle, customProperties, themes } from './theme.ts';

export const style = new Markup(`
:root { color-scheme: light dark; ${customProperties(themes.light)} }
@media (prefers-color-scheme: dark) { :root { ${customProperties(themes.dark)} } }
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; overflow-wrap: anywhere;
}
main, header, footer { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 44px; }
.overline { margin: 0; color: var(--accent); font-size: 13px; font-weight: 600; letter-spacing: .04em; }
h1 { margin: 4px 0 2px; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; }
h2 { margin: 0 0 6px; font-size: 20px; font-weight: 650; letter-spacing: -.005em; }
p { margin: 0 0 12px; max-width: 74ch; }
.lead { margin-top: 14px; font-size: 18px; line-height: 1.5; }
nav { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 26px 0 0; padding: 10px 0; border: solid var(--line); border-width: 1px 0; font-size: 14px; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.soft, figcaption, small { color: var(--soft); }
figcaption, .note { font-size: 13.5px; line-height: 1.5; }
.note { max-width: 88ch; }
section { margin: 48px 0 0; scroll-margin-top: 16px; }
h3 { margin: 18px 0 6px; font-size: 15px; font-weight: 650; }
.notice {
  margin: 20px 0 0; padding: 14px 18px; border: 1px solid var(--warn-line); border-left-width: 5px;
  border-radius: 6px; background: var(--warn-ground); color: var(--warn-ink);
}
.notice p, .notice ul { margin: 0; max-width: none; }
.notice ul { padding-left: 20px; }
.notice b { font-weight: 650; }
.toolbar { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center; margin: 14px 0 12px; }
.toolbar label { display: flex; gap: 8px; align-items: center; }
select, button { font: inherit; font-size: 14.5px; color: inherit; }
select, .button {
  padding: 4px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); max-width: 60vw;
}
.button { cursor: pointer; text-decoration: none; font-size: 13.5px; color: var(--ink); white-space: nowrap; }
select:hover, .button:hover { border-color: var(--soft); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.map-row + .map-row { margin-top: 30px; }
.map-rows.many { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 26px 32px; margin-bottom: 14px; }
.map-rows.many .map-row { margin: 0; min-width: 0; }
.map-rows .toolbar { min-height: 34px; margin-bottom: 8px; }
.maps h3 { margin: 0; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 20px; }
.maps figure { margin: 0; }
.maps.single { max-width: 620px; }
.map-frame { position: relative; margin: 8px 0 6px; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); overflow: hidden; }
.map-frame canvas { display: block; width: 100%; aspect-ratio: 1; cursor: crosshair; touch-action: pan-y; }
.axes { position: absolute; left: 10px; bottom: 8px; width: 76px; height: 76px; pointer-events: none; }
.axes path { fill: none; stroke: var(--soft); stroke-width: 1.2; }
.axes text { fill: var(--soft); font-size: 10.5px; }
.ring {
  position: absolute; width: 15px; height: 15px; margin: -7.5px 0 0 -7.5px; border: 2px solid var(--ink);
  border-radius: 50%; box-shadow: 0 0 0 1.5px var(--panel); pointer-events: none;
}
.legend { display: flex; flex-wrap: wrap; gap: 2px 4px; margin: 8px -8px 12px; max-height: 190px; overflow-y: auto; }
.key {
  display: inline-flex; align-items: center; gap: 7px; max-width: 100%; padding: 3px 8px; border: 0; font-size: 13.5px;
  border-radius: 6px; background: none; cursor: pointer; text-align: left; line-height: 1.35;
}
.key small, .scale small { white-space: nowrap; }
.key:hover { background: var(--line); }
.key i { flex: none; width: 11px; height: 11px; border-radius: 50%; }
.key[aria-pressed="false"] { opacity: .38; }
.key[aria-pressed="false"] span { text-decoration: line-through; }
.scale { display: flex; gap: 10px; align-items: center; padding: 4px 8px; }
.scale .bar { width: min(260px, 50vw); height: 11px; border-radius: 4px; }
.tooltip {
  position: fixed; z-index: 5; max-width: min(340px, calc(100vw - 16px)); padding: 6px 10px; border-radius: 6px;
  background: var(--ink); color: var(--ground); font-size: 13px; line-height: 1.4; pointer-events: none;
}
.tooltip b, .tooltip span { display: block; }
[hidden] { display: none !important; }
.table-scroll { overflow-x: auto; margin: 10px 0; }
table { border-collapse: collapse; font-size: 14.5px; }
th, td { padding: 6px 18px 6px 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: 13px; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.scores { width: 100%; }
.scores tbody th { padding-top: 14px; font-weight: 650; }
.scores small { font-size: 13px; font-weight: 400; }
.model { color: var(--accent); font-weight: 600; }
.baseline { color: var(--baseline); font-weight: 600; }
.line { width: 240px; padding-right: 0; }
.line svg { display: block; width: 220px; height: 18px; }
.line line { stroke: var(--line); stroke-width: 2; }
.line .chance { stroke: var(--soft); stroke-width: 1.5; }
.line .model { fill: var(--accent); }
.line .baseline { fill: var(--panel); stroke: var(--baseline); stroke-width: 2.4; }
${chartStyle}
.chart-scroll { overflow-x: auto; margin: 12px 0; padding-bottom: 2px; }
.chart { display: block; flex: none; }
.chart [data-tip]:hover { stroke: var(--ink); stroke-width: 1.4; }
.chart .hit:hover { fill: var(--soft); fill-opacity: .12; stroke: none; }
.panels { display: flex; flex-wrap: wrap; gap: 8px 28px; }
.panels .chart-scroll { margin: 6px 0; max-width: 100%; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0; padding: 0; list-style: none; font-size: 13.5px; }
.keys li { display: inline-flex; gap: 7px; align-items: center; }
.keys i { flex: none; width: 11px; height: 11px; border-radius: 50%; }
.heat-scale { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; }
.heat-scale i { width: 120px; height: 10px; border: 1px solid var(--line); border-radius: 3px; background: linear-gradient(to right, transparent, var(--heat)); print-color-adjust: exact; }
.choice { display: flex; gap: 4px 14px; margin: 0; padding: 0; border: 0; font-size: 14px; }
.choice legend { float: left; padding: 0 14px 0 0; color: var(--soft); }
.choice label { display: flex; gap: 6px; align-items: center; }
.choice input { margin: 0; accent-color: var(--accent); }
.scaled:has(input[value="log"]:checked) .linear, .scaled:has(input[value="linear"]:checked) .log { display: none; }
.methods, .listing { min-width: min(100%, 560px); overflow-wrap: break-word; }
.methods { width: 100%; }
.methods th, .methods td { padding: 7px 16px 9px 0; }
.methods thead th { vertical-align: bottom; white-space: nowrap; }
.methods .groups th, .methods .groups td { padding-bottom: 2px; border: 0; }
.methods .groups span { display: block; padding-bottom: 3px; border-bottom: 1px solid var(--soft); }
.methods td { min-width: 76px; }
.methods td b { font-weight: 750; }
.methods tbody th { min-width: 128px; font-weight: 500; }
.methods tbody th small { display: block; font-weight: 400; line-height: 1.35; }
.methods .ours th { color: var(--accent); font-weight: 650; }
.methods em { margin-left: 4px; padding: 1px 6px; border: 1px solid var(--accent); border-radius: 9px; font-size: 11px; font-weight: 500; font-style: normal; white-space: nowrap; }
.composition { width: 100%; max-width: 820px; }
.composition thead th { white-space: normal; }
.composition th, .composition td { padding: 3px 14px 3px 0; border: 0; vertical-align: middle; }
.composition tbody th { width: 1%; min-width: 128px; max-width: 220px; font-size: 13.5px; line-height: 1.3; }
.composition tbody tr:first-child > * { padding-bottom: 10px; }
.composition .number { width: 1%; padding-right: 0; color: var(--soft); font-size: 13px; }
.stack { display: flex; height: 15px; background: var(--line); }
.stack i { height: 100%; }
.stack i:hover { outline: 1.5px solid var(--ink); outline-offset: -1.5px; }
td .track { display: block; height: 3px; margin-top: 4px; }
.methods .track i { background: var(--soft); opacity: .55; }
.methods .ours .track i { background: var(--accent); opacity: 1; }
.listing .number { min-width: 72px; }
.listing .short { white-space: nowrap; }
.listing .long { min-width: 210px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 14px; margin: 14px 0; }
.tile { padding: 12px 16px; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
.tile b { display: block; font-size: 23px; font-weight: 650; letter-spacing: -.01em; line-height: 1.25; }
.tile small { display: block; }
.track { height: 4px; margin-top: 8px; border-radius: 2px; background: var(--line); }
.track i { display: block; height: 100%; border-radius: 2px; background: var(--accent); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 26px 48px; margin-top: 14px; }
.facts { width: 100%; }
.facts td { padding-right: 0; }
.facts th { color: var(--soft); font-weight: 400; min-width: 7.5em; overflow-wrap: break-word; }
pre {
  margin: 10px 0 0; padding: 14px 16px; border: 1px solid var(--line); border-radius: 8px; background: var(--panel);
  white-space: pre-wrap; user-select: all;
  font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
details { margin: 10px 0; }
summary { cursor: pointer; color: var(--accent); font-size: 14.5px; }
footer { margin-top: 56px; padding-top: 18px; padding-bottom: 44px; border-top: 1px solid var(--line); font-size: 13.5px; color: var(--soft); }
.heading { display: flex; justify-content: space-between; align-items: baseline; gap: 18px; }
@media (max-width: 560px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 26px; }
  h1 { font-size: 25px; }
  section { margin-top: 38px; }
  .lead { font-size: 17px; }
  .legend { max-height: 280px; }
  th, td { padding-right: 12px; }
  .methods tbody th, .methods thead tr:last-child th:first-child, .methods .groups td { position: sticky; left: 0; z-index: 1; background: var(--ground); }
  .methods tbody th { min-width: 118px; max-width: 140px; }
  .listing tbody th { min-width: 104px; }
  .scores .line { display: none; }
  .scores small { display: block; line-height: 1.3; }
  .scores thead th { white-space: normal; }
  .scores th:last-child, .scores td:nth-last-child(2), .scores th:nth-last-child(2) { padding-right: 0; }
}
@media print {
  :root { color-scheme: light; ${customProperties(themes.paper)} }
  body { font-size: 10.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .button, .tooltip, nav { display: none; }
  .map-rows .legend { max-height: none; overflow: visible; }
  .chart-scroll, .table-scroll { overflow: visible; }
  .chart { max-width: 100%; height: auto; }
  main, header, footer { max-width: none; padding: 0; }
  .methods { font-size: 9pt; }
  .methods th, .methods td { min-width: 0; padding-right: 8px; }
  .methods thead th { white-space: normal; }
  .methods em { display: none; }
  .panels .chart-scroll { max-width: 48%; }
  figure, tr, .map-row, .panels .chart-scroll, .notice, .tile { break-inside: avoid; }
  h2 { break-after: avoid; }
  .maps:not(.single), .map-rows.many { grid-template-columns: 1fr 1fr; }
}
`);
