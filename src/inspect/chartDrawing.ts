import type { Viz } from '@viz-js/viz';
import type { MachineShape } from '../actors/machineShape.ts';
import { graphOf } from './chartGraph.ts';
import { type Box, boxOf, type Line, type Point, type Room, withoutOverlap } from './chartLabels.ts';
import { escapeXml } from './xml.ts';

/** SVG elements in a box of this size in pixels, starting at 0,0. */
export interface Drawing {
  width: number;
  height: number;
  elements: string;
}

/**
 * Draws a shape. The classes of an element name its kind, `data-state` or `data-from` its state. Colours, fonts and lines
 * are in the stylesheet, since the console allows no inline style.
 */
export function drawingOf(viz: Viz, shape: MachineShape): Drawing {
  const placed = JSON.parse(viz.renderString(graphOf(shape), { format: 'json', yInvert: true })) as Placed;
  const [, bottom = 0, right = 0] = numbers(placed.bb);
  const objects = placed.objects.map((object) => (object.bb === undefined ? node(object) : cluster(object)));
  const room = { right, taken: takenBy(placed) };
  const edges = (placed.edges ?? []).map((each) => edge(each, room));
  return {
    width: Math.ceil(right + 2 * MARGIN),
    height: Math.ceil(bottom + 2 * MARGIN),
    elements: `<g transform="translate(${MARGIN} ${MARGIN})">${[...objects, ...edges].join('')}</g>`,
  };
}

/** Keeps lines at the border from being cut. */
const MARGIN = 4;
const POINTS_PER_INCH = 72;

/** The part of Graphviz's output that is used here. `pos` is in points, sizes of nodes are in inches. */
interface Placed {
  bb: string;
  objects: PlacedObject[];
  edges?: PlacedEdge[];
}

interface PlacedObject {
  name: string;
  class?: string;
  id?: string;
  bb?: string;
  pos?: string;
  width?: string;
  height?: string;
  _ldraw_?: Operation[];
}

interface PlacedEdge {
  id?: string;
  class?: string;
  ltail?: string;
  lhead?: string;
  _draw_?: Operation[];
  _hdraw_?: Operation[];
  _ldraw_?: Operation[];
}

interface Operation {
  op: string;
  points?: Point[];
  pt?: Point;
  align?: 'l' | 'c' | 'r';
  width?: number;
  text?: string;
}

function cluster({ id = '', class: kind = '', bb = '', _ldraw_ }: PlacedObject): string {
  const [left = 0, bottom = 0, right = 0, top = 0] = numbers(bb);
  const box = `<rect x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}" rx="10"/>`;
  return `<g class="state ${kind}" data-state="${escapeXml(id)}">${box}${lines(_ldraw_).map(leftText).join('')}</g>`;
}

function node({ name, class: kind = '', pos = '', width = '0', height = '0', _ldraw_ }: PlacedObject): string {
  const [x = 0, y = 0] = numbers(pos);
  if (kind === 'start') return `<circle class="start" cx="${px(x)}" cy="${px(y)}" r="4"/>`;
  const { left, right, top, bottom } = rectOf({ pos, width, height });
  const box = `<rect x="${px(left)}" y="${px(top)}" width="${px(right - left)}" height="${px(bottom - top)}" rx="7"/>`;
  const texts = lines(_ldraw_).map((line, n) => middleText({ ...line, x }, n));
  return `<g class="state ${kind}" data-state="${escapeXml(name)}">${box}${texts.join('')}</g>`;
}

function rectOf({ pos = '', width = '0', height = '0' }: Pick<PlacedObject, 'pos' | 'width' | 'height'>): Box {
  const [x = 0, y = 0] = numbers(pos);
  const [w, h] = [Number(width) * POINTS_PER_INCH, Number(height) * POINTS_PER_INCH];
  return { left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2 };
}

function edge({ id, class: kind = '', ltail, lhead, _draw_, _hdraw_, _ldraw_ }: PlacedEdge, room: Room): string {
  const curve = pointsOf(_draw_);
  const [first, ...rest] = curve.map(([x, y]) => `${px(x)},${px(y)}`);
  const tip = pointsOf(_hdraw_).map(([x, y]) => `${px(x)},${px(y)}`);
  const labels = lines(_ldraw_);
  const texts = isCut({ ltail, lhead }) ? withoutOverlap(labels, curve, room) : labels;
  const from = id === undefined ? '' : ` data-from="${escapeXml(id)}"`;
  const line = `<path d="M${first}C${rest.join(' ')}"/><polygon points="${tip.join(' ')}"/>`;
  return `<g class="edge ${kind}"${from}>${line}${texts.map((text) => middleText(text, 1)).join('')}</g>`;
}

/** The edge ends at the border of a cluster. Graphviz placed its label on the whole edge, part of which is not drawn. */
const isCut = ({ ltail, lhead }: { ltail?: string | undefined; lhead?: string | undefined }): boolean =>
  ltail !== undefined || lhead !== undefined;

/** Where no further label may be: the nodes, the texts of clusters, and the labels that stay where they are. */
function takenBy({ objects, edges = [] }: Placed): Box[] {
  const nodes = objects.filter(({ bb }) => bb === undefined).map(rectOf);
  const texts = [...objects.filter(({ bb }) => bb !== undefined), ...edges.filter((each) => !isCut(each))];
  return [...nodes, ...texts.flatMap(({ _ldraw_ }) => lines(_ldraw_).map(boxOf))];
}

const pointsOf = (operations: Operation[] = []): Point[] => operations.find(({ points }) => points)?.points ?? [];

function lines(operations: Operation[] = []): Line[] {
  return operations.flatMap(({ op, pt, align, width = 0, text }) => {
    if (op !== 'T' || !pt || text === undefined) return [];
    const left = align === 'l' ? pt[0] : align === 'r' ? pt[0] - width : pt[0] - width / 2;
    return [{ x: left + width / 2, left, y: pt[1], text }];
  });
}

const named = (n: number): string => (n === 0 ? ' class="name"' : '');
const leftText = ({ left, y, text }: Line, n: number): string =>
  `<text${named(n)} x="${px(left)}" y="${px(y)}">${escapeXml(text)}</text>`;
const middleText = ({ x, y, text }: Line, n: number): string =>
  `<text${named(n)} x="${px(x)}" y="${px(y)}" text-anchor="middle">${escapeXml(text)}</text>`;

const px = (value: number): string => String(Math.round(value * 10) / 10);
const numbers = (text: string): number[] => text.split(',').map(Number);
