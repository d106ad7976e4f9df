import type { Attributes, Edge, Graph, Node, Subgraph } from '@viz-js/viz';
import type { MachineShape, ShapeEdge, ShapeNode } from '../actors/machineShape.ts';
import { escapeXml } from './xml.ts';

/**
 * A machine's shape as input for Graphviz, which computes the layout: compound states are clusters, other states nodes.
 * Of the style, only the size of texts is given here.
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

/** Sizes in points; the stylesheet of the charts has the same numbers in pixels. */
const NAME_SIZE = 13;
const TEXT_SIZE = 11;
/** A wide font, so that the fonts of most systems fit into the space reserved for them. */
const font = (size: number): Attributes => ({ fontname: 'Verdana', fontsize: size });

/** Every state at and below one. */
export const everyNode = (node: ShapeNode): ShapeNode[] => [node, ...node.children.flatMap(everyNode)];

/** Lines below the name of a state. */
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

/** Graphviz connects only nodes: an edge of a cluster ends at a node in it and is cut off at the border. */
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
