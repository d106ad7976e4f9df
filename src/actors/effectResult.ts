import type { Message } from './messages.ts';

/** What is stored of an effect and needed to run it. */
export interface EffectRow {
  id: string;
  actor_id: string;
  child_id: string;
  src: string;
  input: never;
  attempts: number;
  version: number | null;
  age_ms: number;
  replayed: boolean;
}

/** The event that carries the result of an effect to its actor, and ends the effect. */
export const resultMessage = (
  { id, actor_id, child_id }: Pick<EffectRow, 'id' | 'actor_id' | 'child_id'>,
  how: 'done' | 'error',
  outcome: unknown,
): Message => ({
  to: actor_id,
  event: {
    type: `xstate.${how}.actor.${child_id}`,
    [how === 'done' ? 'output' : 'error']: outcome,
    actorId: child_id,
  },
  eventId: `effect:${id}`,
  effect: { id, status: how === 'done' ? 'done' : 'dead' },
});

/** The parts of an error that are stored: never headers, never bodies. */
export function described(error: unknown): { message: string; problem?: string; code?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    message: error.message,
    ...('problem' in error ? { problem: String(error.problem) } : {}),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
  };
}
