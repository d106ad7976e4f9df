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
  row('a first good check makes a surface operational', [], up, 'health.operational'),
  row('a first bad check makes a surface suspect', [], down, 'health.suspect'),
  row('one bad check makes an operational surface suspect', isUp, down, 'health.suspect'),
  row('a good check clears a suspicion', [up, down], up, 'health.operational'),
  row(
    'two failed checks are an outage, which is emitted at once',
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
  row(
    'two failed checks make a degraded surface down',
    [...isDegraded, down],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row(
    'two slow checks make a surface that is down degraded',
    [...isDown, slow],
    slow,
    'health.outage.degraded',
    'emitAlert firing P3',
  ),
  row('one good check does not end an outage', isDown, up, 'health.outage.down', 'emitAlert firing P1'),
  row('two good checks end an outage', [...isDown, up], up, 'health.operational', 'emitAlert resolved P1'),
  ...(
    [
      ['slow', 'health.outage.degraded', 'emitAlert firing P3'],
      ['down', 'health.outage.down', 'emitAlert firing P1'],
    ] as const
  ).flatMap(([outcome, to, asks]) => [
    row(`a first check that is ${outcome} is an outage where one check is enough`, [], atOnce(outcome), to, asks),
    row(`a ${outcome} check after good ones is an outage where one check is enough`, isUp, atOnce(outcome), to, asks),
  ]),
  row(
    'a status without a severity raises no alert',
    [up, slow],
    checked('slow', { severity: { degraded: null, down: 'P1' } }),
    'health.outage.degraded',
  ),
  row(
    'a severity that is taken away resolves the alert',
    isDegraded,
    checked('slow', { severity: { degraded: null, down: 'P1' } }),
    'health.outage.degraded',
    'emitAlert resolved P3 status raises no alert',
  ),
  row(
    'taking a surface out of the file ends its outage',
    isDown,
    removed,
    'health.unknown',
    'emitAlert resolved P1 surface taken out of the file',
  ),
  row('taking an operational surface out of the file emits nothing', isUp, removed, 'health.unknown'),
];

const underMaintenance: Row[] = [
  row('maintenance begins, and is audited', isUp, maintenance, 'maintenance.on', 'audit maintenance_started new disks'),
  row('an outage under maintenance emits nothing', [up, maintenance, down], down, 'health.outage.down'),
  row(
    'an alert raised before maintenance resolves with its outage',
    [...isDown, maintenance, up],
    up,
    'health.operational',
    'emitAlert resolved P1',
  ),
  row(
    'a person ends maintenance early',
    [up, maintenance],
    maintenanceEnded,
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    'maintenance ends at its time',
    [up, maintenance, wait(minutes(60) - 1)],
    wait(1),
    'maintenance.off',
    'audit maintenance_ended new disks',
  ),
  row(
    'maintenance that is set again ends at the new time',
    [up, maintenance, { ...maintenance, until: '2026-05-05T16:00:00.000Z' }],
    wait(minutes(60)),
    'maintenance.on',
  ),
  row(
    'maintenance leaves a filing under way alone',
    [...isDown, click('a')],
    maintenance,
    'health.outage.down investigation.filing maintenance.on',
    'audit maintenance_started new disks',
  ),
  row(
    'maintenance that is set again leaves a filing under way alone',
    [...isDown, click('a'), maintenance],
    moreDisks,
    'health.outage.down investigation.filing maintenance.on',
    'audit maintenance_started more disks',
  ),
  row(
    'an outage that outlasts maintenance is emitted with the next check',
    [up, maintenance, down, down, maintenanceEnded],
    down,
    'health.outage.down',
    'emitAlert firing P1',
  ),
  row('a click under maintenance is refused', [...isDown, maintenance], click('a'), '', 'answer a refused MAINTENANCE'),
  row(
    'a click under maintenance is refused while an older one is in doubt',
    [...isDown, click('a'), inDoubt, maintenance],
    click('b'),
    'investigation.doubtful',
    'answer b refused MAINTENANCE',
  ),
];

const investigation: Row[] = [
  row('a click on an unknown surface is refused', [], click('a'), '', 'answer a refused UNKNOWN'),
  row(
    'a click on a suspect surface that was never operational is refused',
    [down],
    click('a'),
    '',
    'answer a refused UNKNOWN',
  ),
  row('a click on a healthy surface is refused', isUp, click('a'), '', 'answer a refused OPERATIONAL'),
  row(
    'a click on a degraded surface files without waiting for a turn',
    isDegraded,
    click('a'),
    'investigation.filing',
    'intend 1',
    'run fileTicket 1 probe',
  ),
  row('a second click shares the filing', [...isDown, click('a')], click('b'), 'investigation.filing'),
  row(
    'all waiting clicks are answered, and only the first created the ticket',
    [...isDown, click('a'), click('b')],
    filed(412),
    'investigation.idle',
    'answer a ticket 412 new',
    'answer b ticket 412 again',
    'audit filed',
    'audit filed',
  ),
  row(
    'a ticket that is reused is idempotent for every click',
    [...isDown, click('a')],
    filed(412, { created: false }),
    'investigation.idle',
    'answer a ticket 412 again',
    'audit filed',
  ),
  row(
    'a ticket filed while the breaker is open closes it',
    [...isDown, click('a')],
    filed(412, { whileFailing: true }),
    'investigation.idle',
    'answer a ticket 412 new',
    'audit filed',
    'tell helpdesk SUCCEEDED',
  ),
  row(
    'missing tags become a ticket update',
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
    'a click whose filing was withdrawn is answered',
    [...isDown, click('a')],
    refused('withdrawn'),
    'investigation.idle',
    'answer a freescout_unavailable',
  ),
  row(
    'a click whose filing effect fails is answered, and no intent stays open',
    [...isDown, click('a')],
    broke('file'),
    'investigation.idle',
    'answer a freescout_unavailable',
    'withdraw 1',
  ),
  row(
    'a click at another status waits for the next round',
    [...isDegraded, click('a'), down, down, click('b')],
    filed(1),
    'investigation.filing',
    'answer a ticket 1 new',
    'audit filed',
    'intend 2',
    'run fileTicket 2 probe',
  ),
  row(
    'a doubt answers all clicks at every status',
    [...isDegraded, click('a'), down, down, click('b')],
    inDoubt,
    'investigation.doubtful',
    'answer a outcome_unknown',
    'answer b outcome_unknown',
    'withdraw 1',
    'run settleDoubt 1',
  ),
  row(
    'a click during the doubt is answered at once',
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
    'a ticket found after the doubt is audited once, for the person who clicked first',
    [...isDown, click('a'), click('b'), inDoubt],
    found(412),
    'investigation.idle',
    'audit filed',
  ),
  row(
    'a ticket found while the breaker is open closes it',
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
    'a look-up that fails ends the doubt',
    [...isDown, click('a'), inDoubt],
    broke('settle'),
    'investigation.idle',
    'withdraw 1',
  ),
  row(
    'a click whose budget is over is answered, and the filing is withdrawn',
    [...isDown, click('a')],
    over('a'),
    'investigation.filing',
    'answer a freescout_unavailable',
    'withdraw 1',
  ),
  row(
    'a click whose budget is over after a request went out is answered as unknown',
    [...isDown, click('a')],
    over('a', true),
    'investigation.filing',
    'answer a outcome_unknown',
    'withdraw 1',
  ),
  row(
    'a filing is not withdrawn while another click waits for it',
    [...isDown, click('a'), click('b')],
    over('a'),
    'investigation.filing',
    'answer a freescout_unavailable',
  ),
  row(
    'a click whose round has not begun is answered as not filed',
    [...isDegraded, click('a'), down, down, click('b')],
    over('b', true),
    'investigation.filing',
    'answer b freescout_unavailable',
  ),
  row(
    'a click after an abandoned round gets a round of its own',
    [...isDown, click('a'), over('a'), click('b')],
    refused('withdrawn'),
    'investigation.filing',
    'intend 2',
    'run fileTicket 2 probe',
  ),
  row('a click is answered once', [...isDown, click('a'), filed(1)], over('a'), ''),
  row(
    'a ticket filed after all clicks were answered is audited',
    [...isDown, click('a'), over('a', true)],
    filed(412),
    'investigation.idle',
    'audit filed',
  ),
  row(
    'the first click that still waits created the ticket',
    [...isDown, click('a'), click('b'), click('c'), over('a', true)],
    filed(412),
    'investigation.idle',
    'answer b ticket 412 new',
    'answer c ticket 412 again',
    'audit filed',
    'audit filed',
  ),
  row(
    'a doubt is looked up even where no click waits',
    [...isDown, click('a'), over('a', true)],
    inDoubt,
    'investigation.doubtful',
    'withdraw 1',
    'run settleDoubt 1',
  ),
  row(
    'a click on a surface that is taken out of the file gets its answer',
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
    'a late ticket is audited and tagged, and no click is answered again',
    [...isDown, click('a'), inDoubt, notFound],
    turnsUp,
    'investigation.idle upkeep.working',
    ...adopted,
  ),
  row(
    'a late ticket leaves the round under way alone',
    [...isDown, click('a'), inDoubt, notFound, click('b')],
    turnsUp,
    'investigation.filing upkeep.working',
    ...adopted,
  ),
  row(
    'a late ticket after the recovery gets its tags and then a note',
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
    'a ticket filed after the recovery gets a note',
    [...isDown, click('a'), up, up],
    filed(412),
    'upkeep.working',
    'answer a ticket 412 new',
    'audit filed',
    'run keepTicket note recovered',
  ),
  row(
    'a ticket update that was done is done',
    [...haveTicket, up, up],
    done('chore', { outcome: 'done' }),
    'upkeep.idle',
  ),
  row(
    'each recovery is noted on the ticket',
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
    'a closed ticket gets no note at later recoveries',
    [...haveTicket, up, up, done('chore', { outcome: 'dropped', reason: 'ticket is closed' }), down, down, up],
    up,
    'upkeep.idle',
    'emitAlert resolved P1',
  ),
  row(
    'a ticket update that cannot be done does not stop the next one',
    [...haveTicket, click('b'), filed(413), up, up],
    broke('chore'),
    'upkeep.working',
    'run keepTicket note recovered',
  ),
];

const tables = { health, underMaintenance, investigation, foundLate, upkeep };
table(surfaceMachine, 'surface:api', tables);

describe('what is shown', () => {
  it('a suspicion changes neither the status nor its start', () => {
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
  ] as const)('a steady surface that is %s changes nothing and emits at most its alert', (_, check, asks) => {
    const actor = surface();
    actor.take(check, check, check);
    const before = actor.stored();
    const taken = actor.take(wait(seconds(30)), check);
    expect(taken).toMatchObject({ moved: false, asks });
    expect(actor.stored()).toBe(before);
  });

  it('maintenance leaves the status alone', () => {
    const actor = surface();
    actor.take(...isDown);
    const { status, since, confirmedAt } = actor.context;
    actor.take(wait(minutes(1)), maintenance, wait(minutes(1)), maintenance);
    expect(actor.context).toMatchObject({ status, since, confirmedAt });
  });

  it('taking a surface out of the file twice changes nothing', () => {
    const actor = surface();
    actor.take(...isDown, removed);
    expect(actor.take(removed)).toMatchObject({ moved: false, asks: [] });
  });

  it('thresholds of a changed file apply from the next check on', () => {
    const actor = surface();
    actor.take(checked('up', { failuresToOpen: 5 }), checked('down', { failuresToOpen: 5 }));
    actor.take(checked('down', { failuresToOpen: 5 }));
    expect(actor.value).toMatchObject({ health: 'suspect' });
    actor.take(checked('down', { failuresToOpen: 3 }));
    expect(actor.value).toMatchObject({ health: { outage: 'down' } });
  });
});

describe('what is written down of a click', () => {
  it('the audit row of a click has the same facts as its answer', () => {
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

  it('an answer without a ticket gives the reason in a sentence', () => {
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

  it('the ticket has the status at the click, and nothing is posted once the answer is due', () => {
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

  it('the note on a ticket found late says when the surface recovered', () => {
    const actor = surface();
    actor.take(...isDown, click('a'), inDoubt, wait(seconds(10)), up, up, wait(minutes(2)), found(412));
    expect(actor.input<{ about: object }>('chore').about).toMatchObject({
      what: 'recovered',
      at: '2026-05-05T14:00:10.000Z',
    });
  });

  it('a ticket with a note about the recovery gets no second one when it is reused', () => {
    const actor = surface();
    actor.take(...isDown, click('a'), filed(412), click('b'), up, up, filed(412, { created: false }));
    expect(actor.context.chores).toHaveLength(1);
  });

  it('each ticket gets one note per recovery, under an id of its own', () => {
    const actor = surface();
    actor.take(...isDown, click('a'), filed(1), click('b'), filed(2), click('c'), filed(1, { created: false }), up, up);
    const notes = actor.context.chores.map((chore) => [chore.ticketId, chore.id]);
    expect(notes).toEqual([
      [2, 'surface:api:note:1'],
      [1, 'surface:api:note:2'],
    ]);
  });
});

it('the results of an effect count for one round only', () => {
  const actor = surface();
  actor.take(...isDown, click('a'), done('file', doubt), done('settle', filedAs(1)));
  expect(actor.context).toMatchObject({ round: null, clicks: [], filings: 1 });
});
