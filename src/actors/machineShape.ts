import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { eventName } from '../lib/eventName.ts';

/** A machine's definition as plain data, for pictures, lists of events and documentation. */
export interface MachineShape {
  root: ShapeNode;
  edges: ShapeEdge[];
}

export interface ShapeNode {
  /** Names from the root down, joined by dots; empty for the root. */
  path: string;
  name: string;
  children: ShapeNode[];
  isParallel: boolean;
  /** Path of its initial child; null for an atomic or parallel state. */
  initial: string | null;
  /** Names of the effects that it invokes. */
  does: string[];
  /** Transitions that do not leave the state: `CHECKED`, `REMOVED → unknown`. */
  reacts: string[];
}

/** All transitions from one state to another; each label reads `EVENT [guard]`. */
export interface ShapeEdge {
  from: string;
  to: string;
  labels: string[];
}

export function shapeOf(machine: AnyStateMachine): MachineShape {
  const edges = new Map<string, ShapeEdge>();
  const root = read(machine.root);
  return { root, edges: [...edges.values()] };

  function read(node: AnyStateNode): ShapeNode {
    const reacts: string[] = [];
    for (const { transition, label } of labelled(node)) {
      const target = transition.target?.[0];
      const inside = target && isInside(target, node);
      if (!target) reacts.push(label);
      else if (inside) reacts.push(`${label} → ${target.path.slice(node.path.length).join('.')}`);
      else connect(pathOf(node), pathOf(target), label);
    }
    const children = Object.values(node.states).map(read);
    return {
      path: pathOf(node),
      name: node.key,
      children,
      isParallel: node.type === 'parallel',
      initial: node.type === 'compound' ? pathOf(node.initial.target[0] ?? node) : null,
      does: node.invoke.map(({ src }) => String(src)),
      reacts: [...new Set(reacts)],
    };
  }

  function connect(from: string, to: string, label: string): void {
    const edge = edges.get(`${from} ${to}`) ?? { from, to, labels: [] };
    edges.set(`${from} ${to}`, edge);
    if (!edge.labels.includes(label)) edge.labels.push(label);
  }
}

/** Every state, the root first. */
export function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const below = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(below)];
  return below(machine.root);
}

export const transitionsOf = (node: AnyStateNode): AnyTransitionDefinition[] => [
  ...(node.always ?? []),
  ...[...node.transitions.values()].flat(),
];

/** False for a transition that only ignores its event. */
export const isEffective = ({ target, actions }: AnyTransitionDefinition): boolean =>
  target !== undefined || actions.length > 0;

const pathOf = (node: AnyStateNode): string => node.path.join('.');
const isInside = (node: AnyStateNode, other: AnyStateNode): boolean =>
  node.path.length > other.path.length && other.path.every((name, at) => node.path[at] === name);

/** `else` marks the transition that is taken when no earlier guard of the same event passed. */
function labelled(node: AnyStateNode): { transition: AnyTransitionDefinition; label: string }[] {
  const guarded = new Set<string>();
  return transitionsOf(node).flatMap((transition) => {
    const { eventType, guard } = transition;
    const condition = guard === undefined ? (guarded.has(eventType) ? 'else' : null) : guardName(guard);
    if (guard !== undefined) guarded.add(eventType);
    if (!isEffective(transition)) return [];
    const words = [
      ...(eventType === '' ? [] : [eventName(eventType)]),
      ...(condition === null ? [] : [`[${condition}]`]),
    ];
    return [{ transition, label: words.join(' ') || 'at once' }];
  });
}

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (isRecord(guard)) {
    if (Array.isArray(guard.guards)) {
      const joint = String(guard.check instanceof Function ? guard.check.name : '').replace('check', '');
      const parts = guard.guards.map(guardName);
      return joint === 'Not' ? `not ${parts.join('')}` : parts.join(` ${joint.toLowerCase() || 'and'} `);
    }
    if (typeof guard.type === 'string') return [guard.type, ...constants(guard.params)].join(' ');
  }
  return 'a condition';
}

/** Constant texts among a guard's parameters, so that `isRefusedFor` is shown as `isRefusedFor storm`. */
function constants(params: unknown): string[] {
  const given: unknown = attempt(params);
  if (typeof given === 'string') return [given];
  return isRecord(given) ? Object.values(given).filter((value): value is string => typeof value === 'string') : [];
}

/**
 * Event types that a machine raises for itself and that nothing else sends. A raise whose type depends on the event
 * passes that event on, and is not included.
 */
export function raisedBy(machine: AnyStateMachine): Set<string> {
  const types = new Set<string>();
  for (const node of statesOf(machine)) {
    const actions = [...node.entry, ...node.exit, ...transitionsOf(node).flatMap((transition) => transition.actions)];
    for (const action of actions as unknown[]) {
      if (!isRecord(action) || action.type !== 'xstate.raise') continue;
      const { event } = action;
      const raised: unknown = attempt(event);
      const type = isRecord(raised) ? raised.type : undefined;
      if (typeof type === 'string' && !type.startsWith('xstate.')) types.add(type);
    }
  }
  return types;
}

/** Machines are pure, so evaluating an expression with an empty context is harmless. */
function attempt(expression: unknown): unknown {
  if (typeof expression !== 'function') return expression;
  try {
    return expression({ context: {}, event: {} });
  } catch {
    return undefined;
  }
}

/** Guards and actions of the library are functions that carry fields. */
const isRecord = (value: unknown): value is Record<string, unknown> =>
  (typeof value === 'object' || typeof value === 'function') && value !== null;
