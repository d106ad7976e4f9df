import { alertMachine } from '../../../machines/alert/machine.ts';
import type { AlertContext } from '../../../machines/alert/types.ts';
import type { FilingIntent, FilingRequest, FilingResult } from '../../../machines/shared/protocol.ts';
import { paramsOf } from '../support/driver.ts';
import { doubt, failedWith, filedAs, refusedFor, resolved, resolvedForGood, ticket } from '../support/events.ts';
import type { Bounds, Situation } from '../support/explore.ts';
import { testExploration } from '../support/exploredTests.ts';
import { announcements, emission, ID, silences, subject } from './exploredSilences.ts';

const FILES = ['ticket.filing', 'ticket.doubtful.looking', 'ticket.waiting'];
const OTHER = 'aaaaaaaaaaaaaaaa2';
const dependent = { type: 'DEPENDENT', member: { alertKey: 's:b', severity: 'P1', title: 'b' }, episode: 1 };
const isFiled = ({ context, filings }: Situation<AlertContext>): boolean => filings.filed.includes(subject(context));

/** The ticket of the episode before is still open. */
const continuedBy = (request: FilingRequest | undefined): FilingResult[] =>
  request?.path === 'alert' && request.continues ? [filedAs(request.continues.id, { created: false })] : [];

/** The ticket of a filing that was closed without one turns up, whosever it is by now. */
const found = ({ filings: { closed } }: Situation<AlertContext>): object[] =>
  closed?.request.path === 'alert'
    ? [
        {
          type: 'FOUND',
          filingId: closed.filingId,
          episode: Number(closed.subjectKey.split(':').at(-1)),
          severity: closed.request.severity,
          ticket: ticket(500),
          filedAt: '2026-05-05T14:00:00.000Z',
          closedAt: '2026-05-05T14:00:00.000Z',
        },
      ]
    : [];

/**
 * Three kinds of emission, one that flaps, and one that opens nothing; a second id under the key comes only if something depends on it, and so
 * do an alert that this one explains and word that its ids are unstable. All else may come at any time, also too late.
 */
const bounds: Bounds<AlertContext> = {
  machine: alertMachine,
  id: 'alert:s:aaaaaaaaaaaaaaaa',
  events: (situation) => {
    const { states, context } = situation;
    const at = (...places: string[]): boolean => places.some((place) => states.includes(place));
    return [
      emission({ severity: 'P1' }),
      emission({ severity: 'P2', held: 'flag_off' }),
      emission({ severity: 'P3' }),
      ...(at('life.resolved')
        ? [emission({ severity: 'P1', flapMaxEpisodes: 0 }), emission({ severity: 'P1', reopenWithinMs: 60_000 })]
        : []),
      resolved(ID),
      ...(at('life.cooling') ? [resolvedForGood(ID)] : []),
      ...(at('life.firing') ? [] : [emission({ severity: 'P1', onlyIfActive: true })]),
      ...(at('ticket.suspect', 'ticket.ticketed') ? [emission({ alertId: OTHER }), resolved(OTHER)] : []),
      ...(at('ticket.filing', 'ticket.ticketed') ? [dependent, { type: 'IDS_UNSTABLE', alertIds: [ID, OTHER] }] : []),
      ...(at('ticket.heldBack') ? [{ type: 'HOLD_REVIEWED', held: null, under: [] }] : []),
      ...(at('ticket.waiting') ? [emission({ severity: 'P1', held: 'flag_off' })] : []),
      ...(at('ticket.ticketed')
        ? [
            emission({ severity: 'P1', title: 'API is on fire' }),
            emission({ severity: 'P1', details: 'HTTP 503' }),
            { type: 'RESOLVED_BY_HAND', by: 'mia', reason: 'lost' },
            { type: 'EXPIRED', reason: 'silent' },
          ]
        : []),
      { type: 'TRY', probe: true },
      { type: 'RECONSIDER' },
      ...[...(at('ticket.stormed') ? ['flag_off'] : []), 'rejected'].map((reason) => ({
        type: 'UNLISTED',
        reason,
        filingId: 'umbrella:s:1',
      })),
      ...(context.letter ? [{ type: 'REPLAYED', filingId: context.letter.filingId, words: null }] : []),
      ...found(situation),
    ];
  },
  answers: {
    file: ({ filings }) => [
      filedAs(401),
      ...continuedBy(filings.open?.intent.request),
      doubt,
      failedWith('unavailable'),
      refusedFor('withdrawn'),
      ...(filings.open?.withdrawn
        ? []
        : [...(['flag_off', 'storm', 'silent', 'unstable_id'] as const).map(refusedFor), failedWith('rejected', true)]),
    ],
    settle: () => [filedAs(401), failedWith('unavailable'), failedWith('rejected', true)],
    dm: () => [{ outcome: 'sent' }, { outcome: 'grouped' }],
    chore: () => [{ outcome: 'done' }],
  },
  immediate: ['dm', 'chore'],
  key: (context, situation) => {
    const { active, severity, held, flapping, filing, ticket, audited, episode, letter, ids, dependents, dms, chores } =
      context;
    return [
      active,
      ids.length,
      dependents.length > 0,
      [dms.length, chores.length],
      active && [severity, held],
      flapping,
      filing && [filing.episode === episode, filing.over !== null],
      ticket !== null,
      filing?.episode === episode && filing.over === null && context.continues?.ticket != null,
      ['storm', 'rejected'].filter((reason) => audited.includes(reason)),
      letter?.episode === episode && letter.replayed,
      isFiled(situation),
      situation.filings.closed?.subjectKey === subject(context),
    ];
  },
  rule({ before, after, actions }, report) {
    const { context, states } = after;
    for (const { subjectKey } of paramsOf<FilingIntent>(actions, 'intend')) {
      if (before.filings.filed.includes(subjectKey)) report(`${subjectKey} has a ticket and is filed again`);
      if (!context.active || context.held || context.severity === 'P3')
        report('an alert that must not have a ticket is filed');
    }
    const files = states.some((state) => FILES.includes(state));
    if (files !== (context.filing !== null)) report('the filing in the context does not match the state');
    if (context.active && states.includes('ticket.none')) report('an active alert is in ticket.none');
    if (!context.active && !files && !context.ticket && context.episode > 0 && context.audited.length === 0)
      report('an episode ended without a ticket and without an audited reason');
  },
};

/** Telling somebody else of a P1 that nobody is assigned to, in few events, since it follows the ticket. */
const escalating: Bounds<AlertContext> = {
  ...bounds,
  events: () => [
    emission({ severity: 'P1', escalateAfterMs: 900_000 }),
    emission({ severity: 'P2', escalateAfterMs: 900_000 }),
    emission({ severity: 'P1' }),
    ...['silenced', null].map((held) => ({ type: 'HOLD_REVIEWED', held, under: [] })),
    resolved(ID),
  ],
  answers: {
    ...bounds.answers,
    file: () => [filedAs(401)],
    assignment: () => [{ assignment: 'assigned' }, { assignment: 'unassigned' }],
    escalationDm: () => [{ outcome: 'sent' }],
  },
  key: (context, situation) => [
    bounds.key(context, situation),
    context.escalation?.episode === context.episode,
    context.escalateAfterMs ?? null,
  ],
  rule(observed, report) {
    bounds.rule(observed, report);
    const { before, after, effects } = observed;
    if (!effects.some(({ input }) => (input as { kind?: string }).kind === 'unassigned')) return;
    if (!after.context.active || after.context.ticket === null) report('somebody is told of no ticket');
    if (after.context.escalateAfterMs == null) report('somebody is told without a rule');
    if (after.context.held === 'silenced') report('somebody is told of a silenced alert');
    if (before.context.escalation?.episode === after.context.episode) report('somebody is told twice');
  },
};

testExploration(bounds, {
  also: [escalating, silences(bounds), announcements(bounds)],
  rest: ['life.resolved'],
  never: {
    'ticket.none RECONSIDER': 'an active alert is never in ticket.none; this transition repairs the state after a bug',
    dm: 'taken only while more than 20 messages wait',
  },
});
