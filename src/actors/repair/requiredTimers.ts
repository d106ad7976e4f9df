import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { statesOf } from '../machineShape.ts';

/** A state that always ends, or begins anew, when its time is over. Whoever stands in it must have that timer. */
export interface TimerPlace {
  timerId: string;
  /** Two questions to a state value, of which one finds the state: as a key, or as the innermost name. */
  paths: [string, string];
  /** How long it lasts, in milliseconds, for an actor with this snapshot. */
  delayMs(snapshot: AnyMachineSnapshot): number;
}

/**
 * The places of a machine at which a timer that is missing is an accident. Where every transition has a guard it may
 * also have fired and been turned down, so such a timer is left alone.
 */
export function requiredTimers(machine: AnyStateMachine): TimerPlace[] {
  return statesOf(machine).flatMap((node) => {
    const sure = node.after.filter(({ guard, target }) => guard === undefined && target !== undefined);
    return sure.map(({ delay, eventType }) => ({
      timerId: eventType,
      paths: pathsTo(node.path),
      delayMs: (snapshot: AnyMachineSnapshot) => resolved(machine, delay, snapshot),
    }));
  });
}

function pathsTo(path: string[]): [string, string] {
  const names = path.map((name) => JSON.stringify(name));
  const above = names.slice(0, -1).map((name) => `.${name}`);
  return [`$.${names.join('.')}`, `$${above.join('')} ? (@ == ${names.at(-1)})`];
}

function resolved(machine: AnyStateMachine, delay: unknown, snapshot: AnyMachineSnapshot): number {
  const found = typeof delay === 'string' ? (machine.implementations.delays[delay] as unknown) : delay;
  const ms: unknown =
    typeof found === 'function' ? found({ context: snapshot.context, event: { type: '' } }, undefined) : found;
  if (typeof ms !== 'number' || Number.isNaN(ms)) throw new Error(`"${machine.id}" has no delay ${String(delay)}`);
  return ms;
}
