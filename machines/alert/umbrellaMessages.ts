import { umbrellaActor } from '../shared/actorId.ts';
import type { ActorMessage } from '../shared/protocol.ts';
import { replayWords } from './deadLetter.ts';
import type { AlertContext } from './types.ts';

/** Messages to the umbrella of the alert's source. Pure. */

/**
 * Requests that the umbrella lists this alert, on its ticket or in its grouped message; or says that it is more severe
 * than the ticket that lists it does.
 */
export function tellUmbrella(
  context: AlertContext,
  type: 'TICKET_MEMBER' | 'DM_MEMBER' | 'TICKET_WORSE',
): ActorMessage[] {
  const { alertKey, source, severity, title } = context;
  const words = type === 'TICKET_MEMBER' ? replayWords(context, 'umbrella') : {};
  return [{ to: umbrellaActor(source), event: { type, member: { alertKey, severity, title }, ...words } }];
}

export const leaveUmbrella = ({ alertKey, source }: AlertContext): ActorMessage[] => [
  { to: umbrellaActor(source), event: { type: 'TICKET_LEFT', alertKey } },
];
