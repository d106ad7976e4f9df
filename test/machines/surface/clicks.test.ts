import { describe, expect, it } from 'vitest';
import { done, minutes, paramsOf, seconds, wait } from '../support/driver.ts';
import { doubt, failed, filed, filedAs, found, inDoubt } from '../support/events.ts';
import { click, down, isDegraded, isDown, surface, up } from './surfaceEvents.ts';

describe('what is written down of a click', () => {
  it('the audit row of a click has the same facts as its answer', () => {
    const actor = surface();
    actor.take(...isDown, click('a', 'ada'));
    const { actions } = actor.take(filed(412));
    const facts = {
      surface_id: 'api',
      status: 'DOWN',
      ticket_id: 412,
      ticket_url: 'https://tickets.example.com/conversation/412',
      idempotent: false,
    };
    expect(paramsOf(actions, 'audit')).toEqual([
      { action: 'console.status.ticket_filed', payload: facts, actor: 'ada' },
    ]);
    expect(paramsOf(actions, 'answer')).toEqual([{ clickId: 'a', body: { ...facts, degraded: false } }]);
  });

  it.each([
    [
      'unauthorized',
      'freescout_unauthorized',
      'FreeScout refuses our API key. No ticket was filed. Set FREESCOUT_API_KEY to the current key.',
    ],
    [
      'forbidden',
      'freescout_forbidden',
      'FreeScout answers that this is forbidden. No ticket was filed; check its host list and firewall.',
    ],
    [
      'mailbox_not_found',
      'mailbox_not_found',
      'The operations mailbox does not exist in FreeScout. No ticket was filed. Correct FREESCOUT_OPERATIONS_MAILBOX_ID.',
    ],
    [
      'tags_unavailable',
      'tags_unavailable',
      'The Tags module of FreeScout is off. No ticket was filed, because it could not be tagged. Activate it under Manage, Modules.',
    ],
    [
      'not_configured',
      'not_configured',
      'FreeScout is not configured here. No ticket was filed. The banner says which settings are missing.',
    ],
  ] as const)(
    'an answer without a ticket because of %s gives the reason, and what to do',
    (problem, reason, message) => {
      const actor = surface();
      actor.take(...isDown, click('a'));
      expect(paramsOf(actor.take(failed(problem)).actions, 'answer')).toEqual([
        { clickId: 'a', body: { surface_id: 'api', status: 'DOWN', degraded: true, reason, message } },
      ]);
    },
  );

  it('the ticket has the status at the click, and nothing is posted once the answer is due', () => {
    const actor = surface();
    actor.take(...isDegraded, click('a', 'ada'), down, down, wait(seconds(5)), click('b', 'bob'));
    actor.take(up, wait(seconds(1)), up);
    expect(paramsOf(actor.take(failed()).actions, 'intend')).toEqual([
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

  it('the note on a ticket that was found late contains the time of the recovery', () => {
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
