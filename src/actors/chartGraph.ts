import type { Attributes, Edge, Graph, Node, Subgraph } from '@viz-js/viz';
import type { Shape, ShapeEdge, ShapeNode } from './shape.ts';

/**
 * A machine's shape as Graphviz draws it: compound states are clusters, everything else is a node. Looks are left to
 * the stylesheet; all that is said here about fonts is how much room a text needs.
 */
export function graphOf({ root, edges }: Shape): Graph {
  const { nodes, subgraphs, edges: starts } = inside(root);
  const byPath = new Map(everyNode(root).map((node) => [node.path, node]));
  return {
    directed: true,
    graphAttributes: {
      compound: true,
      rankdir: 'TB',
      nodesep: 0.35,
      ranksep: 0.45,
      fontname: FONT,
      fontsize: 13,
      labeljust: 'l',
      bgcolor: 'transparent',
    },
    nodeAttributes: { shape: 'box', style: 'rounded', fontname: FONT, fontsize: 13, margin: '0.16,0.08', height: 0.3 },
    edgeAttributes: { fontname: FONT, fontsize: 11, arrowsize: 0.7 },
    nodes,
    subgraphs,
    edges: [...starts, ...edges.map((edge, n) => drawn(edge, n, byPath))],
  };
}

/** Wide letters, so that the fonts of most systems fit into the room that is kept for them. */
const FONT = 'Verdana';

/** What the drawing calls a state; `stateOf` reads it back. */
export const stateId = (path: string): string => `state ${path}`;
export const stateOf = (id: string): string | null => (id.startsWith('state ') ? id.slice('state '.length) : null);
/** What the drawing calls the edges that leave one state. */
export const edgeId = (from: string, n: number): string => `edge ${n} ${from}`;
export const sourceOf = (id: string): string | null => /^edge \d+ (.*)$/.exec(id)?.[1] ?? null;

const everyNode = (node: ShapeNode): ShapeNode[] => [node, ...node.children.flatMap(everyNode)];

function inside(parent: ShapeNode): { nodes: Node[]; subgraphs: Subgraph[]; edges: Edge[] } {
  const nodes: Node[] = [];
  const subgraphs: Subgraph[] = [];
  const edges: Edge[] = [];
  if (parent.initial !== null) {
    const start = `start ${parent.path}`;
    nodes.push({ name: start, attributes: { shape: 'point', width: 0.1, class: 'start', id: start, label: '' } });
    edges.push({ tail: start, head: parent.initial, attributes: { class: 'start', id: `from ${start}` } });
  }
  for (const child of parent.children) {
    if (child.children.length === 0) nodes.push(leaf(child));
    else {
      const within = inside(child);
      const attributes = { ...common(child, parent.isParallel ? 'region' : 'compound'), style: 'rounded', margin: 12 };
      subgraphs.push({ name: `cluster ${child.path}`, graphAttributes: attributes, nodes: within.nodes, subgraphs: within.subgraphs });
      edges.push(...within.edges);
    }
  }
  return { nodes, subgraphs, edges };
}

const leaf = (node: ShapeNode): Node => ({ name: node.path, attributes: common(node, 'atomic') });

const common = (node: ShapeNode, kind: string): Attributes => ({
  id: stateId(node.path),
  class: kind,
  label: { html: [bold(node.name), ...facts(node).map(small)].join('<BR/>') },
});

const facts = ({ does, reacts }: ShapeNode): string[] => [
  ...does.map((src) => `does ${src}`),
  ...reacts.map((label) => `on ${label}`),
];

const bold = (text: string): string => `<B>${escape(text)}</B>`;
const small = (text: string): string => `<FONT POINT-SIZE="11">${escape(text)}</FONT>`;
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Graphviz joins nodes only: an edge of a cluster runs to a node in it and is cut off at the border. */
function drawn({ from, to, labels }: ShapeEdge, n: number, byPath: Map<string, ShapeNode>): Edge {
  const tail = leafIn(from, byPath);
  const head = leafIn(to, byPath);
  return {
    tail,
    head,
    attributes: {
      id: edgeId(from, n),
      class: 'transition',
      label: { html: labels.map(escape).join('<BR/>') },
      ...(tail === from ? {} : { ltail: `cluster ${from}` }),
      ...(head === to ? {} : { lhead: `cluster ${to}` }),
    },
  };
}

function leafIn(path: string, byPath: Map<string, ShapeNode>): string {
  const node = byPath.get(path);
  if (!node || node.children.length === 0) return path;
  return leafIn(node.initial ?? node.children[0]?.path ?? path, byPath);
}
