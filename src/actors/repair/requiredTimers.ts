import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { statesOf } from '../machineShape.ts';

/** A state that always ends or restarts after a time. An actor in this state must have that timer. */
export interface TimerPlace {
  timerId: string;
  /** Two JSON paths, one of which finds the state in a state value: as a key, or as the innermost name. */
  paths: [string, string];
  /** Whether an actor with this snapshot is in the state. */
  holds(snapshot: AnyMachineSnapshot): boolean;
  /** How long it lasts, in milliseconds, for an actor with this snapshot. */
  delayMs(snapshot: AnyMachineSnapshot): number;
}

/**
 * The states of a machine in which a missing timer is a fault. A timer whose transitions all have guards may also have
 * fired without effect, so it is left alone.
 */
export function requiredTimers(machine: AnyStateMachine): TimerPlace[] {
  return statesOf(machine).flatMap((node) => {
    const unconditional = node.after.filter(({ guard, target }) => guard === undefined && target !== undefined);
    return unconditional.map(({ delay, eventType }) => ({
      timerId: eventType,
      paths: pathsTo(node.path),
      holds: (snapshot: AnyMachineSnapshot) => snapshot.matches(stateAt(node.path) as never),
      delayMs: (snapshot: AnyMachineSnapshot) => resolved(machine, delay, snapshot),
    }));
  });
}

/** A state value that names only this state. */
const stateAt = (path: string[]): unknown =>
  path.slice(0, -1).reduceRight<unknown>((value, name) => ({ [name]: value }), path.at(-1));

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
