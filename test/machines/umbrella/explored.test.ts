import type { ActorMessage, FilingIntent, TicketUpdate, UmbrellaMember } from '../../../machines/shared/protocol.ts';
import { umbrellaMachine } from '../../../machines/umbrella/machine.ts';
import type { UmbrellaContext } from '../../../machines/umbrella/types.ts';
import { paramsOf } from '../support/driver.ts';
import { doubt, failedWith, filedAs, refusedFor } from '../support/events.ts';
import type { Bounds, ObservedStep } from '../support/explore.ts';
import { testExploration } from '../support/exploredTests.ts';

const member = (name: string): UmbrellaMember => ({ alertKey: `s:${name}`, severity: 'P1', title: name });
/** The first two have so long a key that no message names another besides. */
const TALKERS = [member('x'.repeat(9_000)), member('y'.repeat(9_000)), member('a')];

const keysOf = (members: UmbrellaMember[]): string[] => members.map(({ alertKey }) => alertKey);

/** Whom the ticket or note names that has just been written, whether or not it could be. */
function named({ event, before }: ObservedStep<UmbrellaContext>): string[] {
  if (/actor\.(file|settle)$/.test(event.type) && Object(event.output).outcome === 'filed') {
    const request = before.filings.open?.intent.request;
    return request?.path === 'umbrella' ? keysOf(request.members) : [];
  }
  const note = event.type.endsWith('actor.list') ? (before.running.list?.input as TicketUpdate) : null;
  const isDropped = Object(event.output).outcome === 'dropped';
  return note?.kind === 'note' && note.about.what === 'members' && !isDropped ? keysOf(note.about.members) : [];
}

/** Two alerts join and leave, in any order. Of messages more than one waits only if nothing else goes on. */
const bounds: Bounds<UmbrellaContext> = {
  machine: umbrellaMachine,
  id: 'umbrella:s',
  events: ({ states, context: { members, unsaid, worse = [] } }) => [
    ...['a', 'b'].flatMap((name) => {
      const isMember = members.some(({ alertKey }) => alertKey === `s:${name}`);
      return isMember ? [] : [{ type: 'TICKET_MEMBER', member: member(name) }];
    }),
    ...['a', 'b'].map((name) => ({ type: 'TICKET_LEFT', alertKey: `s:${name}` })),
    ...(worse.length === 0 ? [{ type: 'TICKET_WORSE', member: member('a') }] : []),
    ...TALKERS.slice(0, states.includes('ticket.calm') ? 3 : 1)
      .slice(unsaid.length, unsaid.length + 1)
      .map((talker) => ({ type: 'DM_MEMBER', member: talker })),
    { type: 'TRY', probe: true },
  ],
  answers: {
    file: ({ filings: { open } }) => [
      refusedFor('withdrawn'),
      ...(open ? [filedAs(401), filedAs(401, { tagged: false }), doubt, failedWith('unavailable')] : []),
      ...(open?.withdrawn === false ? [refusedFor('flag_off'), failedWith('rejected', true)] : []),
    ],
    settle: ({ filings: { open } }) => [
      failedWith('unavailable'),
      failedWith('rejected', true),
      ...(open ? [filedAs(401)] : []),
    ],
    list: () => [{ outcome: 'done' }, { outcome: 'dropped', reason: 'ticket is closed' }],
    end: () => [{ outcome: 'done' }],
    dm: () => [{ outcome: 'sent' }],
    chore: () => [{ outcome: 'done' }],
  },
  immediate: ['chore'],
  key: ({ members, naming, ticket, unsaid, saying, chores, worse = [], worseNaming = 0 }) => [
    worse.length,
    worseNaming,
    keysOf(members),
    naming,
    ticket !== null,
    unsaid.length,
    saying,
    chores.length,
  ],
  rule(observed, report) {
    const { event, before, after, actions } = observed;
    const isClosed = event.type.endsWith('done.actor.list') && Object(event.output).outcome === 'dropped';
    if (paramsOf<FilingIntent>(actions, 'intend').length > 0 && before.context.ticket && !isClosed)
      report('a storm with an open ticket is filed again');

    const joined = event.type === 'TICKET_MEMBER' ? [(event.member as UmbrellaMember).alertKey] : [];
    const gone = [
      ...named(observed),
      ...paramsOf<ActorMessage>(actions, 'tell').flatMap(({ to, event: told }) =>
        told.type === 'UNLISTED' ? [to.slice('alert:'.length)] : [],
      ),
      ...(event.type === 'TICKET_LEFT' ? [String(event.alertKey)] : []),
    ];
    for (const key of [...keysOf(before.context.members), ...joined]) {
      if (!keysOf(after.context.members).includes(key) && !gone.includes(key)) report(`${key} is lost`);
    }
  },
};

testExploration(bounds, { rest: ['ticket.calm', 'messages.quiet', 'upkeep.idle'] });
