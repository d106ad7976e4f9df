import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

const MARK = 'took ';

/**
 * A copy of a machine that adds an action to each transition, so that a test can tell which transition a step took: the
 * result of a step contains only its target. A transition is named after its state and event, and numbered when that
 * state has several transitions for the event: `ticket.filing xstate.done.actor.file 2`.
 */
export function marked<Machine extends AnyStateMachine>(original: Machine) {
  const machine = original.provide({}) as Machine;
  const transitions = new Map<string, AnyTransitionDefinition>();
  for (const node of nodesOf(machine.root)) {
    const all = [...node.transitions.entries(), ['', node.always ?? []] as const];
    for (const [event, definitions] of all) {
      for (const [n, transition] of definitions.entries()) {
        const name = [pathOf(node), event, definitions.length > 1 ? n + 1 : ''].join(' ').trim();
        transitions.set(name, transition);
        Object.assign(transition, { actions: [...transition.actions, { type: `${MARK}${name}`, params: [] }] });
      }
    }
  }
  return {
    machine,
    /** Every transition of the chart. */
    names: [...transitions.keys()],
    /** The transitions that the actions of a step name. */
    taken: (actions: { name: string }[]): string[] =>
      actions.flatMap(({ name }) => (name.startsWith(MARK) ? [name.slice(MARK.length)] : [])),
    /** The target states of a transition, transient ones included. */
    targets: (name: string): string[] => (transitions.get(name)?.target ?? []).map(pathOf),
    /** Every state of the chart, as dotted paths. */
    states: nodesOf(machine.root).slice(1).map(pathOf),
  };
}

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];
const pathOf = (node: AnyStateNode): string => node.path.join('.');
