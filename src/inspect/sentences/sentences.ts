import type { AnyStateMachine, StateValueFrom } from 'xstate';
import type { AtomicPath } from '../../actors/projections/projection.ts';

/** What one event changed, as its sentence needs it. */
export interface Change<Path> {
  /** The part of the actor's id after its kind: the key of an alert, the id of a surface. */
  subject: string;
  /** Whether the actor is in this state since the event. */
  entered(path: Path): boolean;
  /** Whether the actor was in this state until the event. */
  left(path: Path): boolean;
}

export type ChangeOf<M extends AnyStateMachine> = Change<StatePath<M>>;
/** A state without children, such as `health.outage.down`. */
export type StatePath<M extends AnyStateMachine> = AtomicPath<StateValueFrom<M>>;

/**
 * What the events of a machine mean, in words for operators: one or more full sentences each. An event of the machine
 * without a sentence does not compile. The results of effects and the timers are complete by a test.
 */
export interface Sentences<Event extends { type: string }, M extends AnyStateMachine> {
  events: { [Type in Event['type']]: (event: Extract<Event, { type: Type }>, change: ChangeOf<M>) => string };
  /** By the id under which the machine invokes the effect. */
  results: Record<string, Result<M>>;
  /** By the name of the delay. */
  timers: Record<string, (change: ChangeOf<M>) => string>;
}

interface Result<M extends AnyStateMachine> {
  done(output: never, change: ChangeOf<M>): string;
  /** The effect was given up. */
  failed: string;
}

/** What is stored of a result. Releases before this one may have stored none. */
export type Stored<Output> = Output | null | undefined;

/** Several sentences in one line; empty ones are left out. */
export const joined = (...sentences: string[]): string => sentences.filter((sentence) => sentence !== '').join(' ');
