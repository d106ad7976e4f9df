import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

const MARK = 'took ';

/**
 * A copy of a machine that says of each transition that it takes which one that was, by an action of its own: pure
 * steps tell where they lead, not by which way. A transition is named after its state and event, and numbered where
 * that state takes the event in several ways: `ticket.filing xstate.done.actor.file 2`.
 */
export function marked<Machine extends AnyStateMachine>(original: Machine) {
  const machine = original.provide({}) as Machine;
  const transitions = new Map<string, AnyTransitionDefinition>();
  for (const node of nodesOf(machine.root)) {
    const all = [...node.transitions.entries(), ['', node.always ?? []] as const];
    for (const [event, ways] of all) {
      for (const [n, way] of ways.entries()) {
        const name = [pathOf(node), event, ways.length > 1 ? n + 1 : ''].join(' ').trim();
        transitions.set(name, way);
        Object.assign(way, { actions: [...way.actions, { type: `${MARK}${name}`, params: [] }] });
      }
    }
  }
  return {
    machine,
    /** Every transition of the chart. */
    names: [...transitions.keys()],
    /** Which of what a step says is such a mark. */
    taken: (says: { name: string }[]): string[] =>
      says.flatMap(({ name }) => (name.startsWith(MARK) ? [name.slice(MARK.length)] : [])),
    /** The states to which a transition leads: also those that are only passed. */
    targets: (name: string): string[] => (transitions.get(name)?.target ?? []).map(pathOf),
    /** Every state of the chart in which one can be, as dotted paths. */
    states: nodesOf(machine.root).slice(1).map(pathOf),
  };
}

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];
const pathOf = (node: AnyStateNode): string => node.path.join('.');
