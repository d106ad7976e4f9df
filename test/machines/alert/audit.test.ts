import { describe, expect, it } from 'vitest';
import { done, minutes, paramsOf, seconds, wait } from '../support/driver.ts';
import { doubt, filed, found, resolved, ticket } from '../support/events.ts';
import { alert, KEY, p1, p2, p3, sent, withOtherId } from './alertEvents.ts';

describe('what is written down', () => {
  it('the audit row of a ticket has exactly four fields', () => {
    const actor = alert();
    actor.take(p2);
    expect(paramsOf(actor.take(filed(412)).actions, 'audit')).toEqual([
      {
        action: 'console.alerts.ticket_filed',
        payload: { alert_key: KEY, severity: 'P2', ticket_id: 412, ticket_url: ticket(412).url },
        actor: 's',
      },
    ]);
  });

  it('the audit row of a decision not to file has exactly three fields', () => {
    const { actions } = alert().take(p3);
    expect(paramsOf(actions, 'audit')).toEqual([
      {
        action: 'console.alerts.ticket_skipped',
        payload: { alert_key: KEY, severity: 'P3', reason: 'below_threshold' },
        actor: 's',
      },
    ]);
  });

  it('the audit row of a key collision names both ids', () => {
    const actor = alert();
    actor.take(p3);
    expect(paramsOf(actor.take(withOtherId(p3)).actions, 'audit')).toEqual([
      {
        action: 'console.alerts.key_collision',
        payload: { alert_key: KEY, alert_ids: ['aaaaaaaaaaaaaaaa1', 'aaaaaaaaaaaaaaaa2'] },
        actor: 's',
      },
    ]);
  });

  it('messages of an episode share a thread, and each has an id of its own', () => {
    const actor = alert();
    const kinds = [p3, p1, resolved(), p3].map((event) => {
      actor.take(event);
      return actor.context.dms.map(({ id, thread, kind }) => [id, thread, kind].join(' '));
    });
    expect(kinds.at(-1)).toEqual([
      `dm:${KEY}:1 alert:${KEY}:1 opened`,
      `dm:${KEY}:2 alert:${KEY}:1 escalated`,
      `dm:${KEY}:3 alert:${KEY}:1 resolved`,
      `dm:${KEY}:4 alert:${KEY}:2 opened`,
    ]);
  });

  it('the message after the filing has the link of the ticket', () => {
    const actor = alert();
    actor.take(p1, sent, filed(412));
    expect(actor.context.dms).toMatchObject([{ kind: 'ticket', body: { ticket: ticket(412) } }]);
  });

  it('the note on a ticket that was found late contains the end of its own episode', () => {
    const actor = alert();
    actor.take(
      p1,
      done('file', doubt),
      wait(seconds(10)),
      resolved(),
      wait(seconds(10)),
      p1,
      wait(seconds(10)),
      resolved(),
    );
    actor.take(wait(minutes(1)), found(412));
    expect(actor.input<{ about: object }>('chore').about).toMatchObject({
      what: 'resolved',
      at: '2026-05-05T14:00:10.000Z',
    });
  });
});
