/** @file Networks and tables as files: CSV and GraphML. */

const encoder = new TextEncoder();

/** A table; fields with commas, quotes or line breaks are quoted. */
export function csvFile(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): Uint8Array {
  const field = (value: string | number): string => {
    const text = typeof value === 'number' ? numberText(value) : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return encoder.encode(`${[header, ...rows].map((row) => row.map(field).join(',')).join('\n')}\n`);
}

/** Seven digits; nothing stands for no number. */
function numberText(value: number): string {
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(7)));
}

/** A network by names. */
export interface NamedNetwork {
  readonly directed: boolean;
  readonly nodes: readonly { readonly name: string; readonly group: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly weight: number }[];
}

/** The network as GraphML, which Cytoscape, Gephi, igraph and networkx read. */
export function graphMl({ directed, nodes, edges }: NamedNetwork): Uint8Array {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return encoder.encode(`<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="group" for="node" attr.name="group" attr.type="string"/>
<key id="weight" for="edge" attr.name="weight" attr.type="double"/>
<graph edgedefault="${directed ? 'directed' : 'undirected'}">
${nodes.map(({ name, group }) => `<node id="${escaped(name)}"><data key="group">${escaped(group)}</data></node>`).join('\n')}
${edges.map(({ from, to, weight }) => `<edge source="${escaped(from)}" target="${escaped(to)}"><data key="weight">${numberText(weight)}</data></edge>`).join('\n')}
</graph>
</graphml>
`);
}
