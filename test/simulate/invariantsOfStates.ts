import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import type { Environment } from './environment.ts';
import type { Check } from './invariantNames.ts';

/** States in which an actor may stay when nothing fails and no alert is active. */
const RESTING: Record<string, RegExp> = {
  alert: /^(life\.(quiet|resolved)|ticket\.(none|ticketed)|dm\.idle|escalation\.idle|upkeep\.idle)$/,
  surface:
    /^(health\.(unknown|operational)|overload\.none|certificate\.valid|maintenance\.(on|off)|investigation\.idle|upkeep\.idle)$/,
  umbrella: /^(ticket\.(calm|standing\..*)|messages\.quiet|upkeep\.idle)$/,
  grouped: /^idle$/,
  recipient: /^idle$/,
  // Without a waiting filing there is no probe, so a reported failure ends only with the next filing.
  helpdesk: /^(working|failing\.tries\.free|failing\.news\.told)$/,
};

export function noTrap(environment: Environment): Check {
  const { tables } = environment;

  function trapped(id: string): string | null {
    const snapshot = tables.actors.get(id)?.snapshot;
    if (!snapshot) return null;
    const running = [...tables.effects.values()].flatMap(({ actorId, childId, status }) =>
      actorId === id && (status === 'pending' || status === 'running') ? [childId] : [],
    );
    const children = Object.keys(snapshot.children);
    const lost =
      children.find((child) => !running.includes(child)) ?? running.find((child) => !children.includes(child));
    if (lost) return `${id} and its effects disagree about "${lost}"`;
    for (const node of nodesOf(snapshot)) {
      const timer = node.after.find(
        ({ eventType }) => !tables.timers.has(`${id} ${eventType}`) && !tables.spent.has(`${id} ${eventType}`),
      );
      if (timer) return `${id} waits in ${node.path.join('.')} for ${timer.eventType}, which is not armed`;
      if (isLeaf(node) && !hasExit(node)) return `${id} cannot leave ${node.path.join('.')}`;
    }
    return null;
  }

  return {
    step() {
      for (const id of environment.moved) {
        const what = trapped(id);
        if (what) return what;
      }
      return null;
    },
    atEnd() {
      for (const { id, snapshot } of tables.actors.values()) {
        const kind = id.split(':')[0] ?? '';
        const stuck = nodesOf(snapshot).find((node) => isLeaf(node) && !RESTING[kind]?.test(node.path.join('.')));
        if (stuck) return `${id} stays in ${stuck.path.join('.')}`;
      }
      const undone = [...tables.effects.values()].find(({ status }) => status === 'pending' || status === 'running');
      if (undone) return `effect ${undone.id} never ends`;
      const waiting = environment.helpdeskBreaker()?.waiting ?? [];
      return waiting.length > 0 ? `${waiting.join(', ')} waits for FreeScout` : null;
    },
  };
}

const nodesOf = (snapshot: AnyMachineSnapshot): AnyStateNode[] => snapshot._nodes;
const isLeaf = (node: AnyStateNode): boolean => Object.keys(node.states).length === 0;

function hasExit(node: AnyStateNode): boolean {
  for (let at: AnyStateNode | undefined = node; at; at = at.parent) {
    if (at.ownEvents.length > 0 || at.invoke.length > 0 || at.after.length > 0 || (at.always?.length ?? 0) > 0)
      return true;
  }
  return false;
}
