/** @file Which nodes the outputs need: everything else is dead and is neither printed nor executed. */

import type { Graph, Node } from './graph.ts';

/** The nodes that reach an output, in topological order. */
export function liveNodes(graph: Graph): readonly Node[] {
  const live = new Set<Node>();
  const open = [...graph.outputs.values()].map((value) => value.node);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) open.push(input.node);
  }
  return graph.nodes.filter((node) => live.has(node));
}
