import type { Attributes, Edge, Graph, Node, Subgraph } from '@viz-js/viz';
import type { MachineShape, ShapeEdge, ShapeNode } from '../actors/machineShape.ts';
import { escapeXml } from './xml.ts';

/**
 * A machine's shape as Graphviz wants it, to be told where everything goes: compound states are clusters, other
 * states nodes. All that is said here about looks is how much room a text needs.
 */
export function graphOf({ root, edges }: MachineShape): Graph {
  const byPath = new Map(everyNode(root).map((node) => [node.path, node]));
  const within = inside(root);
  return {
    directed: true,
    graphAttributes: {
      compound: true,
      rankdir: 'TB',
      nodesep: 0.35,
      ranksep: 0.45,
      ...font(NAME_SIZE),
      labeljust: 'l',
    },
    nodeAttributes: { shape: 'box', margin: '0.16,0.08', height: 0.3, ...font(NAME_SIZE) },
    edgeAttributes: { arrowsize: 0.7, ...font(TEXT_SIZE) },
    ...within,
    edges: [...within.edges, ...edges.map((edge) => drawn(edge, byPath))],
  };
}

/** Sizes in points, which the stylesheet of the charts repeats in pixels. */
const NAME_SIZE = 13;
const TEXT_SIZE = 11;
/** A font of wide letters, so that those of most systems fit into the room that is kept for them. */
const font = (size: number): Attributes => ({ fontname: 'Verdana', fontsize: size });

/** Every state at and below one. */
export const everyNode = (node: ShapeNode): ShapeNode[] => [node, ...node.children.flatMap(everyNode)];

/** What a state says of itself below its name. */
const factsOf = ({ does, reacts }: ShapeNode): string[] => [
  ...does.map((src) => `does ${src}`),
  ...reacts.map((label) => `on ${label}`),
];

function inside(parent: ShapeNode): { nodes: Node[]; subgraphs: Subgraph[]; edges: Edge[] } {
  const nodes: Node[] = [];
  const subgraphs: Subgraph[] = [];
  const edges: Edge[] = [];
  if (parent.initial !== null) {
    const start = `start ${parent.path}`;
    nodes.push({ name: start, attributes: { shape: 'point', width: 0.1, class: 'start' } });
    edges.push({ tail: start, head: parent.initial, attributes: { class: 'start' } });
  }
  for (const child of parent.children) {
    const label = { html: [bold(child.name), ...factsOf(child).map(small)].join('') };
    if (child.children.length === 0) nodes.push({ name: child.path, attributes: { class: 'atomic', label } });
    else {
      const within = inside(child);
      const kind = parent.isParallel ? 'region' : 'compound';
      const graphAttributes = { class: kind, id: child.path, label, labeljust: 'l', margin: 12 };
      subgraphs.push({ ...within, name: `cluster ${child.path}`, graphAttributes, edges: [] });
      edges.push(...within.edges);
    }
  }
  return { nodes, subgraphs, edges };
}

const bold = (text: string): string => `<B>${escapeXml(text)}</B>${NEXT_LINE}`;
const small = (text: string): string => `<FONT POINT-SIZE="${TEXT_SIZE}">${escapeXml(text)}</FONT>${NEXT_LINE}`;
const NEXT_LINE = '<BR ALIGN="LEFT"/>';

/** Graphviz joins nodes only: an edge of a cluster runs to a node in it and is cut off at the border. */
function drawn({ from, to, labels }: ShapeEdge, byPath: Map<string, ShapeNode>): Edge {
  const tail = lastLeaf(from, byPath);
  const head = firstLeaf(to, byPath);
  return {
    tail,
    head,
    attributes: {
      id: from,
      class: 'transition',
      label: labels.join('\n'),
      ...(tail === from ? {} : { ltail: `cluster ${from}`, minlen: 2 }),
      ...(head === to ? {} : { lhead: `cluster ${to}` }),
    },
  };
}

function firstLeaf(path: string, byPath: Map<string, ShapeNode>): string {
  const node = byPath.get(path);
  const first = node?.initial ?? node?.children[0]?.path;
  return first === undefined ? path : firstLeaf(first, byPath);
}

function lastLeaf(path: string, byPath: Map<string, ShapeNode>): string {
  const last = byPath.get(path)?.children.at(-1)?.path;
  return last === undefined ? path : lastLeaf(last, byPath);
}
