/** @file A graph as text for people: one operation a line, with the shapes of its results. */

import type { Graph, Node, Value } from './graph.ts';
import { liveNodes } from './live.ts';
import { formatShape } from './shape.ts';

/**
 * Prints the live part of a graph, such as
 * `%7: float32 [cells, tokens, 512] = matmul(%5, %6) transposeRight`.
 */
export function dump(graph: Graph): string {
  const lines = liveNodes(graph).map(formatNode);
  for (const [name, value] of graph.outputs) lines.push(`output ${name} = ${reference(value)}`);
  return `${lines.join('\n')}\n`;
}

function formatNode(node: Node): string {
  const results = node.outputs.map(
    (value) => `${reference(value)}: ${value.dtype} ${formatShape(value.shape)}`,
  );
  const operands = node.inputs.map(reference).join(', ');
  return `${results.join(', ')} = ${node.operation.kind}(${operands})${formatAttributes(node)}`;
}

function formatAttributes({ operation }: Node): string {
  if (operation.kind === 'constant') {
    const { data } = operation.tensor;
    return data.length === 1 ? ` ${data[0]}` : '';
  }
  return Object.entries(operation)
    .filter(([key, value]) => key !== 'kind' && value !== false && value !== undefined)
    .map(([key, value]) => (value === true ? ` ${key}` : ` ${key}=${JSON.stringify(value)}`))
    .join('');
}

function reference(value: Value): string {
  return `%${value.id}`;
}
