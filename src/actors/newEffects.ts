import type { ClientBase } from 'pg';

/** An effect that a machine has just asked for. */
export type NewEffect = Readonly<{ id: string; actor_id: string; src: string }>;

/** Effects that were begun in the transaction that adds them: exactly one of the two is called. */
export interface Begun {
  committed(): void;
  /** The transaction failed, or it is unknown whether it was committed. */
  failed(): void;
}

/** Called at the end of a transaction with the effects that it adds, to run some of them right after its commit. */
export type BeginEffects = (client: ClientBase, added: readonly NewEffect[]) => Promise<Begun>;
