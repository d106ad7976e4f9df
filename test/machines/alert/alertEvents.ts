import { alertMachine } from '../../../machines/alert/machine.ts';
import type { AlertContext, EmittedEvent } from '../../../machines/alert/types.ts';
import type { TicketText } from '../../../machines/shared/protocol.ts';
import { type Actor, type ActorInput, amended, broke, done, play, seconds, wait } from '../support/driver.ts';
import { emitted, filed, inDoubt, resolved, ticket } from '../support/events.ts';

/** The alert of these tests: its events, what happened to it before a test, and what tests expect it to ask for. */

export const KEY = 's:aaaaaaaaaaaaaaaa';
export const ACTOR_ID = `alert:${KEY}`;
export const alert = (): Actor<AlertContext> => play(alertMachine, ACTOR_ID);
export const p1 = emitted();
export const p2 = emitted({ severity: 'P2', title: 'API is slow' });
export const p3 = emitted({ severity: 'P3', title: 'API is a bit slow' });
export const flagOff = (event: EmittedEvent): EmittedEvent => ({ ...event, held: 'flag_off' });
export const withOtherId = (event: EmittedEvent): EmittedEvent => ({ ...event, alertId: 'aaaaaaaaaaaaaaaa2' });
export const newsOf = (event: EmittedEvent): EmittedEvent => ({ ...event, onlyIfActive: true });
export const sent = done('dm', { outcome: 'sent' });
export const explainedBy = (event: EmittedEvent, ...names: string[]): EmittedEvent => ({
  ...event,
  held: 'dependency',
  under: names.map((name) => `s:${name}`),
});
export const holdsForDependency = ['audit skipped P1 dependency', 'hold dependency P1'];
export const dependent = (name: string, episode = 1) => ({
  type: 'DEPENDENT',
  member: { alertKey: `s:${name}`, severity: 'P1', title: `${name} is DOWN` },
  episode,
});
export const reviewed = (held: string | null, ...under: string[]) => ({ type: 'HOLD_REVIEWED', held, under });
export const unlisted = (reason: string) => ({ type: 'UNLISTED', reason });
export const replay = (n: number, words: TicketText | null = null) => ({
  type: 'REPLAYED',
  filingId: `${ACTOR_ID}:${n}`,
  words,
});
export const turn = (probe: boolean) => ({ type: 'TRY', probe });
export const lastTurn = { type: 'TRY', probe: false, last: true };
export const joinsUmbrella = ['tell umbrella:s TICKET_MEMBER', 'tell umbrella:s DM_MEMBER'];
/** The help desk refused this very ticket at its last try. */
export const rejected = broke('file');
/** The episode has ended while its filing is under way; the next one has begun, too; the filing is in doubt. */
export const endedWhileFiling = [p1, sent, resolved(), sent];
export const nextEpisodeWhileFiling = [p2, sent, resolved(), sent, p1, sent];
export const endedInDoubt = [p1, sent, inDoubt, resolved(), sent];
export const dm = (kind: string): string => `run sendDm ${kind}`;
export const files = (n: number): string[] => [`intend ${n}`, `run fileTicket ${n}`];

/** Five short episodes within three minutes, so that the next one is flapping. */
export const fiveEpisodes: ActorInput[] = Array.from({ length: 5 }, () => [
  flagOff(p3),
  sent,
  resolved(),
  sent,
  wait(seconds(36)),
]).flat();
export const flapping = [...fiveEpisodes, flagOff(p3), sent];

export const ticketed = [p1, sent, filed(412), sent];
/** The ticket of a filing that was closed without one. */
export const foundTicket = (n: number, episode = 1) => ({
  type: 'FOUND',
  filingId: `${ACTOR_ID}:${n}`,
  ticket: ticket(500),
  filedAt: '2026-05-05T14:00:00.000Z',
  closedAt: '2026-05-05T14:00:30.000Z',
  episode,
  severity: 'P1',
});
export const adoptsTicket = (n: number): string[] => [`adopt ${n}`, 'audit filed P1', 'audit adopted'];
export const setsTags = 'run keepTicket tag 1';
export const rejectedFiling = [p1, sent, rejected];
/** A damaged snapshot: the alert is active, and nothing is decided about its ticket. */
export const withoutDecision = amended(({ value, context, ...rest }) => ({
  ...rest,
  value: { ...Object(value), ticket: 'none' },
  context: { ...context, held: null },
}));
