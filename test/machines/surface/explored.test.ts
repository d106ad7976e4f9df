import type { ClickAnswer, FilingIntent, SurfaceEmission } from '../../../machines/shared/protocol.ts';
import { surfaceMachine } from '../../../machines/surface/machine.ts';
import type { SurfaceContext } from '../../../machines/surface/types.ts';
import { paramsOf } from '../support/driver.ts';
import { checked, doubt, failedWith, filedAs, refusedFor, ticket } from '../support/events.ts';
import type { Bounds, Situation } from '../support/explore.ts';
import { testExploration } from '../support/exploredTests.ts';

const check = { failuresToOpen: 2, successesToClose: 1 };
const atOnce = { failuresToOpen: 1, successesToClose: 1 };
const REMOVED = { type: 'REMOVED' };
const UNTIL = '2026-05-06T14:00:00.000Z';

/** The ticket of a round that was closed without one turns up, whatever is asked by now. */
const found = ({ filings: { closed } }: Situation<SurfaceContext>): object[] =>
  closed?.request.path === 'investigate'
    ? [{ ...closed.request, type: 'FOUND', filingId: closed.filingId, ticket: ticket(500), filedAt: UNTIL }]
    : [];

/** Two clicks wait at most, and the older is the first whose answer is due. */
const bounds: Bounds<SurfaceContext> = {
  machine: surfaceMachine,
  id: 'surface:api',
  events: (situation) => {
    const { context, states, steps } = situation;
    const { clicks, maintenance } = context;
    const isWell = states.includes('health.unknown') || states.includes('health.operational');
    return [
      checked('up', check),
      checked('slow', check),
      checked('down', check),
      ...(isWell && clicks.length === 0 ? [checked('slow', atOnce), checked('down', atOnce)] : []),
      REMOVED,
      { type: 'MAINTENANCE_SET', until: UNTIL, reason: 'disks', by: 'eve' },
      ...(maintenance ? [{ type: 'MAINTENANCE_ENDED', by: 'eve' }] : []),
      ...(clicks.length < 2 ? [{ type: 'INVESTIGATE', clickId: `c${steps}`, by: 'ada' }] : []),
      ...clicks.slice(0, 1).map(({ clickId }) => ({ type: 'BUDGET_OVER', clickId, attempted: true })),
      ...found(situation),
    ];
  },
  answers: {
    file: ({ filings }) => [
      filedAs(401),
      filedAs(401, { created: false }),
      doubt,
      failedWith('unavailable'),
      ...(filings.open?.withdrawn ? [refusedFor('withdrawn')] : []),
    ],
    settle: () => [filedAs(401), failedWith('unavailable')],
    chore: () => [{ outcome: 'done' }, { outcome: 'dropped', reason: 'ticket is closed' }],
  },
  immediate: ['chore'],
  key: ({ status, streak, bad, alerting, clicks, round, chores }) => [
    status,
    streak.outcome === 'up' ? streak.count > 0 : [streak, bad],
    round === null && alerting !== null,
    clicks.map((click) => click.status),
    round && [round.status, round.forsaken === true],
    chores.length,
  ],
  rule({ event, before, after, actions }, report) {
    const answered = paramsOf<ClickAnswer>(actions, 'answer').map(({ clickId }) => clickId);
    const asked = [...before.context.clicks.map(({ clickId }) => clickId)];
    if (event.type === 'INVESTIGATE') asked.push(String(event.clickId));
    const waiting = after.context.clicks.map(({ clickId }) => clickId);
    if (asked.sort().join() !== [...answered, ...waiting].sort().join())
      report('a click is neither waiting nor answered exactly once');

    for (const { subjectKey } of paramsOf<FilingIntent>(actions, 'intend')) {
      const forWhom = after.context.clicks.filter(({ status }) => subjectKey.endsWith(`:${status}`));
      if (forWhom.length === 0) report('a ticket is filed without a click');
      if (before.context.round && 'output' in event && Object(event.output).outcome === 'filed') {
        const again = forWhom.some(({ status }) => status === before.context.round?.status);
        if (again) report('a click that has a ticket is filed again');
      }
    }
    if (after.states.includes('investigation.idle') && waiting.length > 0)
      report('a click waits without a running effect');

    const over = before.context.confirmedAt !== null && after.context.confirmedAt === null;
    const resolved = paramsOf<SurfaceEmission>(actions, 'emitAlert').filter(
      ({ status, confirmedAt }) => status === 'resolved' && confirmedAt === before.context.confirmedAt,
    ).length;
    if (over && resolved !== (before.context.alerting === null ? 0 : 1))
      report('an alert does not end with its outage');
  },
};

/** Bounds without clicks: these events, and what of the context they matter for. */
const withoutClicks = (events: (context: SurfaceContext) => object[], key: (context: SurfaceContext) => unknown) => ({
  ...bounds,
  events: ({ context }: Situation<SurfaceContext>) => events(context),
  key: (context: SurfaceContext) => [context.status, context.alerting !== null, key(context)],
});

const window = { failuresToOpen: 3, successesToClose: 1, unstableWindow: 4 };
const unstable = withoutClicks(
  () => [checked('up', window), checked('slow', window), checked('down', window)],
  ({ streak, bad, recent, unstable }) => [streak, bad, recent, unstable],
);

const overloaded = { ...atOnce, overloaded: true, overloadGraceMs: 60_000 } as const;
const withOtherGrace = { ...overloaded, overloadGraceMs: 120_000 } as const;
const expires = { ...atOnce, certificate: { expiresAt: UNTIL, soon: true } };
const renewed = { ...atOnce, certificate: { expiresAt: '2027-05-06T14:00:00.000Z', soon: false } };
const overload = withoutClicks(
  () => [
    checked('up', atOnce),
    checked('slow', overloaded),
    checked('slow', withOtherGrace),
    checked('up', expires),
    checked('up', renewed),
    REMOVED,
  ],
  ({ streak, overloads, overloadedTooLong, certificate, certificateAlerting }) => [
    streak,
    overloads,
    overloadedTooLong,
    certificate?.soon,
    certificateAlerting?.soon,
  ],
);

const FILE = 'surfaces file';
const windows = withoutClicks(
  () => [
    { type: 'MAINTENANCE_SET', until: UNTIL, reason: 'disks', by: 'eve' },
    { type: 'MAINTENANCE_SET', until: '2026-05-06T16:00:00.000Z', reason: 'racks', by: FILE },
    { type: 'MAINTENANCE_ENDED', by: FILE },
    { type: 'MAINTENANCE_ENDED', by: 'eve' },
    checked('up', atOnce),
    checked('down', atOnce),
  ],
  ({ streak, maintenance, windows, dismissed }) => [
    streak.outcome,
    maintenance?.by,
    windows && [windows.file !== null, windows.operator !== null],
    dismissed,
  ],
);

testExploration(bounds, {
  also: [unstable, overload, windows],
  rest: ['health.operational', 'maintenance.off', 'investigation.idle', 'upkeep.idle'],
  never: {
    'maintenance.on xstate.after.untilMaintenanceEnds.surface.maintenance.on 1':
      'taken only where the clock was set back; here timers fire at their time',
  },
});
