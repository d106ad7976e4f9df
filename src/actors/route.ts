import type { Delivered, Message } from './messages.ts';
import type { MachineAction } from './step.ts';

/**
 * Turns an action of a machine into messages to other actors, which are applied in the same transaction; null for an
 * action that is written instead. Synchronous and pure.
 */
export type Router = (action: MachineAction, from: string) => Message[] | null;

export const routed = (delivered: Delivered[], router: Router): Message[] =>
  delivered.flatMap(({ actions, message }) => actions.flatMap((action) => router(action, message.to) ?? []));
