import { instance, type Viz } from '@viz-js/viz';
import type { AnyStateMachine } from 'xstate';
import { type MachineShape, shapeOf } from '../actors/machineShape.ts';
import { type Drawing, drawingOf } from './chartDrawing.ts';
import { escapeXml } from './xml.ts';

/** Pictures of machines. */
export interface Chart {
  /**
   * The machine's statechart as one `<svg>`, safe to embed: no style, no script, no foreign text. With a state value, its
   * states have the class `current`, and the transitions that leave them the class `next`.
   */
  draw(machine: AnyStateMachine, state?: unknown): Promise<string>;
  /** Lays out these machines in advance, one by one with pauses, so that other work is not delayed. */
  warm(machines: readonly AnyStateMachine[]): Promise<void>;
}

/** Lays out each machine once, which takes up to a tenth of a second; marking states in the result is cheap. */
export function createChart(): Chart {
  const drawings = new Map<AnyStateMachine, Promise<Drawing>>();
  let loading: Promise<Viz> | undefined;

  async function layOut(machine: AnyStateMachine): Promise<Drawing> {
    loading ??= instance();
    const viz = await loading;
    return inRows(regionsOf(shapeOf(machine)).map((shape) => drawingOf(viz, shape)));
  }

  function drawingFor(machine: AnyStateMachine): Promise<Drawing> {
    const known = drawings.get(machine) ?? layOut(machine);
    drawings.set(machine, known);
    return known;
  }

  return {
    async warm(machines) {
      for (const machine of machines) {
        await drawingFor(machine);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async draw(machine, state) {
      const known = drawingFor(machine);
      const { width, height, elements } = await known;
      const active = activeStates(state);
      const current = active.leaves.length === 0 ? '' : `, now in ${active.leaves.join(', ')}`;
      return (
        `<svg xmlns="http://www.w3.org/2000/svg" class="statechart" role="img" aria-label="${escapeXml(`Statechart of ${machine.id}${current}`)}"` +
        ` width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
        `<title>${escapeXml(`Statechart of ${machine.id}`)}</title>${marked(elements, new Set([...active.all].map(escapeXml)))}</svg>`
      );
    },
  };
}

/** All states of a state value, such as `ticket` and `ticket.filing`, and those without children among them. */
export function activeStates(value: unknown, above = ''): { all: Set<string>; leaves: string[] } {
  const all = new Set<string>();
  const leaves: string[] = [];
  const entries = typeof value === 'string' ? [[value, {}] as const] : Object.entries(value ?? {});
  for (const [name, below] of entries) {
    const path = above === '' ? name : `${above}.${name}`;
    const inner = activeStates(below, path);
    for (const each of [path, ...inner.all]) all.add(each);
    leaves.push(...(inner.leaves.length > 0 ? inner.leaves : [path]));
  }
  return { all, leaves };
}

const marked = (elements: string, active: Set<string>): string =>
  elements.replace(
    / class="([^"]*)" data-(state|from)="([^"]*)"/g,
    (whole, classes: string, what: string, path: string) =>
      active.has(path) ? ` class="${classes} ${what === 'state' ? 'current' : 'next'}" data-${what}="${path}"` : whole,
  );

/** Regions without transitions between them are drawn one by one; side by side they would be wider than any screen. */
function regionsOf(shape: MachineShape): MachineShape[] {
  const { root, edges } = shape;
  const regionOf = (path: string): string => path.split('.')[0] ?? '';
  if (!root.isParallel || edges.some(({ from, to }) => regionOf(from) !== regionOf(to))) return [shape];
  return root.children.map((region) => ({
    root: { ...root, children: [region] },
    edges: edges.filter(({ from }) => regionOf(from) === region.path),
  }));
}

const ROW_WIDTH = 1_200;
const GAP = 12;

/** Arranges drawings in rows, each in the first row that has room for it. */
function inRows(drawings: Drawing[]): Drawing {
  const rows: { width: number; height: number; drawings: Drawing[] }[] = [];
  for (const drawing of drawings) {
    let row = rows.find(({ width }) => width + GAP + drawing.width <= ROW_WIDTH);
    if (!row) {
      row = { width: -GAP, height: 0, drawings: [] };
      rows.push(row);
    }
    row.drawings.push(drawing);
    row.width += GAP + drawing.width;
    row.height = Math.max(row.height, drawing.height);
  }
  let y = 0;
  const elements = rows.flatMap((row) => {
    let x = 0;
    const placed = row.drawings.map(({ width, elements }) => {
      const moved = `<g transform="translate(${x} ${y})">${elements}</g>`;
      x += width + GAP;
      return moved;
    });
    y += row.height + GAP;
    return placed;
  });
  return { width: Math.max(...rows.map(({ width }) => width)), height: y - GAP, elements: elements.join('') };
}
