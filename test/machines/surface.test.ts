import { describe, expect, it } from 'vitest';
import { surfaceMachine } from '../../machines/surface/machine.ts';
import type { SurfaceContext } from '../../machines/surface/types.ts';
import { broke, done, minutes, play, said, seconds, wait } from './drive.ts';
import { checked, doubt, failed, filed, filedAs, found, inDoubt, notFound, refused, ticket } from './events.ts';
import { type Row, row, table } from './table.ts';

const surface = () => play<SurfaceContext>(surfaceMachine, 'surface:api');
const click = (clickId: string, by = `who clicked ${clickId}`) => ({ type: 'INVESTIGATE', clickId, by });
const over = (clickId: string, attempted = false) => ({ type: 'BUDGET_OVER', clickId, attempted });
const up = checked('up');
const slow = checked('slow');
const down = checked('down');
const isUp = [up];
const isDegraded = [up, slow, slow];
const isDown = [up, down, down];
const atOnce = (outcome: 'slow' | 'down') => checked(outcome, { failuresToOpen: 1 });
const removed = { type: 'REMOVED' };
const maintenance = { type: 'MAINTENANCE_SET', until: '2026-05-05T15:00:00.000Z', reason: 'new disks', by: 'eve' };
const moreDisks = { ...maintenance, reason: 'more disks' };
const maintenanceEnded = { type: 'MAINTENANCE_ENDED', by: 'eve' };

const health: Row[] = [
  row('a first good check makes it operational', [], up, 'health.operational'),
  row('a first bad check makes it suspect', [], down, 'health.suspect'),
  row('one bad check is a suspicion', isUp, down, 'health.suspect'),
  row('a good check clears it', [up, down], up, 'health.operational'),
  row(
    'two failed checks are an outage, and say so at once',
    [up, down],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row('two slow checks are a degradation', [up, slow], slow, 'health.outage.degraded', 'emitAlert firing P3'),
  row(
    'a slow and a failed check together are a degradation',
    [up, slow],
    down,
    'health.outage.degraded',
    'emitAlert firing P3',
  ),
  row(
    'an outage is confirmed without any good check before it',
    [down],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row('it gets worse', [...isDegraded, down], down, 'health.outage.down', 'emitAlert firing P1'),
  row('it gets a little better', [...isDown, slow], slow, 'health.outage.degraded', 'emitAlert firing P3'),
  row('one good check is no recovery', isDown, up, 'health.outage.down', 'emitAlert firing P1'),
  row('two good checks are', [...isDown, up], up, 'health.operational', 'emitAlert resolved P1'),
  ...(
    [
      ['slow', 'health.outage.degraded', 'emitAlert firing P3'],
      ['down', 'health.outage.down', 'emitAlert firing P1'],
    ] as const
  ).flatMap(([outcome, to, asks]) => [
    row(`where one check is enough, the first that is ${outcome} is an outage`, [], atOnce(outcome), to, asks),
    row(`and so it is after good ones: ${outcome}`, isUp, atOnce(outcome), to, asks),
  ]),
  row(
    'a status without a severity raises no alert',
    [up, slow],
    checked('slow', { severity: { degraded: null, down: 'P1' } }),
    'health.outage.degraded',
  ),
  row(
    'a severity taken away resolves what was said',
    isDegraded,
    checked('slow', { severity: { degraded: null, down: 'P1' } }),
    'health.outage.degraded',
    'emitAlert resolved P3 status raises no alert',
  ),
  row(
    'one taken out of the file during an outage ends it',
    isDown,
    removed,
    'health.unknown',
    'emitAlert resolved P1 surface taken out of the file',
  ),
  row('one taken out while well says nothing', isUp, removed, 'health.unknown'),
];

const underMaintenance: Row[] = [
  row('it begins', isUp, maintenance, 'maintenance.on', 'audit maintenance_started new disks'),
  row('an outage meanwhile raises no alert', [up, maintenance, down], down, 'health.outage.down'),
  row(
    'an alert raised before it ends with the outage all the same',
    [...isDown, maintenance, up],
    up,
    'health.operational',
    'emitAlert resolved P1',
  ),
  row('a person ends it', [up, maintenance], maintenanceEnded, 'maintenance.off', 'audit maintenance_ended new disks'),
  row(
    'it ends at its time',
    [up, maintenance, wait(minutes(60) - 1)],
    wait(1),
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    'set anew, it ends at the new time',
    [up, maintenance, { ...maintenance, until: '2026-05-05T16:00:00.000Z' }],
    wait(minutes(60)),
    'maintenance.on',
  ),
  row(
    'it leaves a filing under way alone',
    [...isDown, click('a')],
    maintenance,
    'health.outage.down investigation.filing maintenance.on',
    'audit maintenance_started new disks',
  ),
  row(
    'and so it does when it is set anew',
    [...isDown, click('a'), maintenance],
    moreDisks,
    'health.outage.down investigation.filing maintenance.on',
    'audit maintenance_started more disks',
  ),
  row(
    'an outage that outlasts it raises its alert with the next check',
    [up, maintenance, down, down, maintenanceEnded],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row('a click is refused', [...isDown, maintenance], click('a'), '', 'answer a refused MAINTENANCE'),
  row(
    'a click is refused while an older one is still in doubt',
    [...isDown, click('a'), inDoubt, maintenance],
    click('b'),
    'investigation.doubtful',
    'answer b refused MAINTENANCE',
  ),
];

const investigation: Row[] = [
  row('a click on an unknown surface is refused', [], click('a'), '', 'answer a refused UNKNOWN'),
  row(
    'a click on one that is suspect but was never well is refused',
    [down],
    click('a'),
    '',
    'answer a refused UNKNOWN',
  ),
  row('a click on a healthy surface is refused', isUp, click('a'), '', 'answer a refused OPERATIONAL'),
  row(
    'a click on a degraded one files, without waiting for its turn',
    isDegraded,
    click('a'),
    'investigation.filing',
    'intend 1',
    'run fileTicket 1 probe',
  ),
  row('a second click shares the filing', [...isDown, click('a')], click('b'), 'investigation.filing'),
  row(
    'all who wait are answered: the first is told new, the others again',
    [...isDown, click('a'), click('b')],
    filed(412),
    'investigation.idle',
    'answer a ticket 412 new',
    'answer b ticket 412 again',
    'audit filed',
    'audit filed',
  ),
  row(
    'a ticket that stood already is new to nobody',
    [...isDown, click('a')],
    filed(412, { created: false }),
    'investigation.idle',
    'answer a ticket 412 again',
    'audit filed',
  ),
  row(
    'a success while the help desk is held to be down tells it',
    [...isDown, click('a')],
    filed(412, { whileFailing: true }),
    'investigation.idle',
    'answer a ticket 412 new',
    'audit filed',
    'tell helpdesk SUCCEEDED',
  ),
  row(
    'tags that did not hold become a duty',
    [...isDown, click('a')],
    filed(412, { tagged: false }),
    'investigation.idle upkeep.working',
    'answer a ticket 412 new',
    'audit filed',
    'run keepTicket tag 1',
  ),
  ...(
    [
      ['unavailable', 'freescout_unavailable'],
      ['unauthorized', 'freescout_unauthorized'],
      ['forbidden', 'freescout_forbidden'],
      ['mailbox_not_found', 'mailbox_not_found'],
      ['tags_unavailable', 'tags_unavailable'],
      ['not_configured', 'not_configured'],
      ['rejected', 'freescout_unavailable'],
    ] as const
  ).map(([problem, reason]) =>
    row(
      `${problem} is answered as ${reason}`,
      [...isDown, click('a'), click('b')],
      failed(problem),
      'investigation.idle',
      `answer a ${reason}`,
      `answer b ${reason}`,
    ),
  ),
  row(
    'a filing that was withdrawn is answered',
    [...isDown, click('a')],
    refused('withdrawn'),
    'investigation.idle',
    'answer a freescout_unavailable',
  ),
  row(
    'a filing that broke is answered and leaves no intent open',
    [...isDown, click('a')],
    broke('file'),
    'investigation.idle',
    'answer a freescout_unavailable',
    'withdraw 1',
  ),
  row(
    'a click at another status waits for a round of its own',
    [...isDegraded, click('a'), down, down, click('b')],
    filed(1),
    'investigation.filing',
    'answer a ticket 1 new',
    'audit filed',
    'intend 2',
    'run fileTicket 2 probe',
  ),
  row(
    'a doubt answers everybody, at whatever status',
    [...isDegraded, click('a'), down, down, click('b')],
    inDoubt,
    'investigation.doubtful',
    'answer a outcome_unknown',
    'answer b outcome_unknown',
    'withdraw 1',
    'run settleDoubt 1',
  ),
  row(
    'clicks during the doubt are answered at once',
    [...isDown, click('a'), inDoubt],
    click('b'),
    'investigation.doubtful',
    'answer b outcome_unknown',
  ),
  row(
    'a click during the doubt on a surface that recovered is refused',
    [...isDown, click('a'), inDoubt, up, up],
    click('b'),
    'investigation.doubtful',
    'answer b refused OPERATIONAL',
  ),
  row(
    'a ticket found in the end is audited once, for who clicked first',
    [...isDown, click('a'), click('b'), inDoubt],
    found(412),
    'investigation.idle',
    'audit filed',
  ),
  row(
    'a ticket found while the help desk is held to be down tells it',
    [...isDown, click('a'), inDoubt],
    found(412, { whileFailing: true }),
    'investigation.idle',
    'audit filed',
    'tell helpdesk SUCCEEDED',
  ),
  row(
    'a doubt that ends without a ticket files nothing',
    [...isDown, click('a'), inDoubt],
    notFound,
    'investigation.idle',
  ),
  row(
    'looking that broke ends the doubt',
    [...isDown, click('a'), inDoubt],
    broke('settle'),
    'investigation.idle',
    'withdraw 1',
  ),
  row(
    'who waited long enough is told that nothing will be filed',
    [...isDown, click('a')],
    over('a'),
    'investigation.filing',
    'answer a freescout_unavailable',
    'withdraw 1',
  ),
  row(
    'or that it is not known, where a request went out',
    [...isDown, click('a')],
    over('a', true),
    'investigation.filing',
    'answer a outcome_unknown',
    'withdraw 1',
  ),
  row(
    'nothing is cancelled while somebody still waits',
    [...isDown, click('a'), click('b')],
    over('a'),
    'investigation.filing',
    'answer a freescout_unavailable',
  ),
  row(
    'for a click whose own round has not begun nothing went out',
    [...isDegraded, click('a'), down, down, click('b')],
    over('b', true),
    'investigation.filing',
    'answer b freescout_unavailable',
  ),
  row(
    'who clicks after a round was given up is filed for anew, not told of its end',
    [...isDown, click('a'), over('a'), click('b')],
    refused('withdrawn'),
    'investigation.filing',
    'intend 2',
    'run fileTicket 2 probe',
  ),
  row('a click that was answered is not answered again', [...isDown, click('a'), filed(1)], over('a'), ''),
  row(
    'a ticket filed after its clicks were answered is audited all the same',
    [...isDown, click('a'), over('a', true)],
    filed(412),
    'investigation.idle',
    'audit filed',
  ),
  row(
    'of those still waiting one is told new',
    [...isDown, click('a'), click('b'), click('c'), over('a', true)],
    filed(412),
    'investigation.idle',
    'answer b ticket 412 new',
    'answer c ticket 412 again',
    'audit filed',
    'audit filed',
  ),
  row(
    'a doubt that nobody waits for is looked into',
    [...isDown, click('a'), over('a', true)],
    inDoubt,
    'investigation.doubtful',
    'withdraw 1',
    'run settleDoubt 1',
  ),
  row(
    'a click on a surface that is taken out meanwhile gets its answer',
    [...isDown, click('a'), removed],
    filed(412),
    'investigation.idle',
    'answer a ticket 412 new',
    'audit filed',
  ),
];

/** The ticket of a round that was closed without one. */
const turnsUp = {
  type: 'FOUND',
  filingId: 'investigate:api:1',
  ticket: ticket(500),
  filedAt: '2026-05-05T14:00:00.000Z',
  status: 'DOWN',
  since: '2026-05-05T14:00:00.000Z',
  by: 'who clicked a',
};
const adopted = ['adopt 1', 'audit filed', 'audit adopted', 'run keepTicket tag 1'];
const foundLate: Row[] = [
  row(
    'a ticket that turns up late is audited and tagged, and nobody is answered again',
    [...isDown, click('a'), inDoubt, notFound],
    turnsUp,
    'investigation.idle upkeep.working',
    ...adopted,
  ),
  row(
    'a round that is under way goes on',
    [...isDown, click('a'), inDoubt, notFound, click('b')],
    turnsUp,
    'investigation.filing upkeep.working',
    ...adopted,
  ),
  row(
    'one that turns up after the recovery is told of it, once it is tagged',
    [...isDown, click('a'), inDoubt, notFound, up, up, turnsUp],
    done('chore', { outcome: 'done' }),
    'upkeep.working',
    'run keepTicket note recovered',
  ),
];

const haveTicket = [...isDown, click('a'), filed(412)];
const upkeep: Row[] = [
  row(
    'a recovery is noted on the ticket',
    [...haveTicket, up],
    up,
    'upkeep.working',
    'emitAlert resolved P1',
    'run keepTicket note recovered',
  ),
  row(
    'a ticket filed after the recovery is told of it',
    [...isDown, click('a'), up, up],
    filed(412),
    'upkeep.working',
    'answer a ticket 412 new',
    'audit filed',
    'run keepTicket note recovered',
  ),
  row('a duty done is done', [...haveTicket, up, up], done('chore', { outcome: 'done' }), 'upkeep.idle'),
  row(
    'the next recovery is noted again',
    [...haveTicket, up, up, done('chore', { outcome: 'done' }), down, down, up],
    up,
    'upkeep.working',
    'emitAlert resolved P1',
    'run keepTicket note recovered',
  ),
  row(
    'a note for a closed ticket is dropped and audited',
    [...haveTicket, up, up],
    done('chore', { outcome: 'dropped', reason: 'ticket is closed' }),
    'upkeep.idle',
    'audit note_dropped ticket is closed',
  ),
  row(
    'a closed ticket hears of no later recovery',
    [...haveTicket, up, up, done('chore', { outcome: 'dropped', reason: 'ticket is closed' }), down, down, up],
    up,
    'upkeep.idle',
    'emitAlert resolved P1',
  ),
  row(
    'a duty that cannot be done does not stop the next',
    [...haveTicket, click('b'), filed(413), up, up],
    broke('chore'),
    'upkeep.working',
    'run keepTicket note recovered',
  ),
];

const tables = { health, underMaintenance, investigation, foundLate, upkeep };
table(surfaceMachine, 'surface:api', tables);

describe('what is shown', () => {
  it('a suspicion never changes the status, nor since when', () => {
    const actor = surface();
    actor.take(down);
    expect(actor.context).toMatchObject({ status: 'UNKNOWN', since: null });
    actor.take(up);
    const { since } = actor.context;
    actor.take(wait(seconds(30)), down);
    expect(actor.context).toMatchObject({ status: 'OPERATIONAL', since });
    actor.take(wait(seconds(30)), up);
    expect(actor.context).toMatchObject({ status: 'OPERATIONAL', since });
  });

  it('an outage has one identity from its confirmation to its end, whatever its status', () => {
    const actor = surface();
    const emissions = [up, slow, slow, down, down, slow, slow, up, up].flatMap((check) => [
      ...said<{ confirmedAt: string; status: string }>(actor.take(check, wait(seconds(30))).says, 'emitAlert'),
    ]);
    expect(new Set(emissions.map(({ confirmedAt }) => confirmedAt))).toEqual(new Set(['2026-05-05T14:01:00.000Z']));
    expect(emissions.at(-1)?.status).toBe('resolved');
  });

  it('the next outage has another identity', () => {
    const actor = surface();
    const first = said<{ confirmedAt: string }>(actor.take(...isDown).says, 'emitAlert');
    const second = said<{ confirmedAt: string }>(actor.take(up, up, wait(1), down, down).says, 'emitAlert');
    expect(second.at(-1)?.confirmedAt).not.toBe(first[0]?.confirmedAt);
  });

  it.each([
    ['healthy', up, []],
    ['slow', slow, ['emitAlert firing P3']],
    ['down', down, ['emitAlert firing P1']],
  ] as const)('a steady surface that is %s changes nothing, and repeats at most its alert', (_, check, asks) => {
    const actor = surface();
    actor.take(check, check, check);
    const before = actor.stored();
    const taken = actor.take(wait(seconds(30)), check);
    expect(taken).toMatchObject({ moved: false, asks });
    expect(actor.stored()).toBe(before);
  });

  it('maintenance leaves the status underneath alone', () => {
    const actor = surface();
    actor.take(...isDown);
    const { status, since, confirmedAt } = actor.context;
    actor.take(wait(minutes(1)), maintenance, wait(minutes(1)), maintenance);
    expect(actor.context).toMatchObject({ status, since, confirmedAt });
  });

  it('taking out a surface twice changes nothing the second time', () => {
    const actor = surface();
    actor.take(...isDown, removed);
    expect(actor.take(removed)).toMatchObject({ moved: false, asks: [] });
  });

  it('thresholds from a changed file hold from the next check on', () => {
    const actor = surface();
    actor.take(checked('up', { failuresToOpen: 5 }), checked('down', { failuresToOpen: 5 }));
    actor.take(checked('down', { failuresToOpen: 5 }));
    expect(actor.value).toMatchObject({ health: 'suspect' });
    actor.take(checked('down', { failuresToOpen: 3 }));
    expect(actor.value).toMatchObject({ health: { outage: 'down' } });
  });
});

describe('what is written down of a click', () => {
  it('the audit row says exactly what the answer says', () => {
    const actor = surface();
    actor.take(...isDown, click('a', 'ada'));
    const { says } = actor.take(filed(412));
    const facts = {
      surface_id: 'api',
      status: 'DOWN',
      ticket_id: 412,
      ticket_url: 'https://tickets.example.com/conversation/412',
      idempotent: false,
    };
    expect(said(says, 'audit')).toEqual([{ action: 'console.status.ticket_filed', payload: facts, actor: 'ada' }]);
    expect(said(says, 'answer')).toEqual([{ clickId: 'a', body: { ...facts, degraded: false } }]);
  });

  it('an answer without a ticket says why in a sentence', () => {
    const actor = surface();
    actor.take(...isDown, click('a'));
    expect(said(actor.take(failed('unauthorized')).says, 'answer')).toEqual([
      {
        clickId: 'a',
        body: {
          surface_id: 'api',
          status: 'DOWN',
          degraded: true,
          reason: 'freescout_unauthorized',
          message: expect.stringMatching(/^[A-Z].+\.$/),
        },
      },
    ]);
  });

  it('the ticket speaks of the status at the click, and nothing is posted once the answer is due', () => {
    const actor = surface();
    actor.take(...isDegraded, click('a', 'ada'), down, down, wait(seconds(5)), click('b', 'bob'));
    actor.take(up, wait(seconds(1)), up);
    expect(said(actor.take(failed()).says, 'intend')).toEqual([
      {
        filingId: 'investigate:api:2',
        subjectKey: 'investigate:api:DOWN',
        source: null,
        deadlineAt: '2026-05-05T14:00:19.000Z',
        request: {
          path: 'investigate',
          surfaceId: 'api',
          surfaceName: 'API',
          status: 'DOWN',
          since: '2026-05-05T14:00:00.000Z',
          by: 'bob',
        },
      },
    ]);
  });

  it('a note on a late ticket says when it recovered, not when the ticket was found', () => {
    const actor = surface();
    actor.take(...isDown, click('a'), inDoubt, wait(seconds(10)), up, up, wait(minutes(2)), found(412));
    expect(actor.input<{ about: object }>('chore').about).toMatchObject({
      what: 'recovered',
      at: '2026-05-05T14:00:10.000Z',
    });
  });

  it('a ticket that heard of the recovery is not told again when it is found standing', () => {
    const actor = surface();
    actor.take(...isDown, click('a'), filed(412), click('b'), up, up, filed(412, { created: false }));
    expect(actor.context.chores).toHaveLength(1);
  });

  it('each ticket hears of a recovery once, under an id of its own', () => {
    const actor = surface();
    actor.take(...isDown, click('a'), filed(1), click('b'), filed(2), click('c'), filed(1, { created: false }), up, up);
    const notes = actor.context.chores.map((chore) => [chore.ticketId, chore.id]);
    expect(notes).toEqual([
      [2, 'surface:api:note:1'],
      [1, 'surface:api:note:2'],
    ]);
  });
});

it('the results of an effect stand for one round only', () => {
  const actor = surface();
  actor.take(...isDown, click('a'), done('file', doubt), done('settle', filedAs(1)));
  expect(actor.context).toMatchObject({ round: null, clicks: [], filings: 1 });
});
