import { expect, test } from 'vitest';
import type { FinalState, StoredRequests } from '../finalState.ts';
import type { Ledger, WebhookRecord } from '../ledger.ts';
import { moveAt } from '../samples.ts';
import { violationsAfter } from './violationsAfter.ts';

const key = 'pager:0123456789abcdef';

const request = (status: 'firing' | 'resolved', sentAt: number): WebhookRecord => ({
  ...{ source: 'pager', says: [{ key, status, severity: 'P3' }], malformedAlerts: 0, isMalformed: false },
  ...{ sentAt, endedAt: sentAt + 50, outcome: 'stored' },
});

/** An alert that fired and was resolved, and a request that nobody can understand; then what went wrong. */
const after = (change: (facts: FinalState, ledger: Ledger, stored: StoredRequests) => void) =>
  violationsAfter((facts, ledger) => {
    const malformed = { ...request('firing', 3_000), says: [], isMalformed: true };
    ledger.webhooks.push(request('firing', 1_000), malformed, request('resolved', 5_000));
    facts.moves.push(moveAt({ key, at: 1_900 }), moveAt({ key, type: 'RESOLVED', at: 5_900 }));
    facts.alerts.push({ key, active: false, episode: 1, severity: 'P3', ticketId: null });
    facts.messages.push({ thread: `alert:${key}:1`, kind: 'opened', phase: 'sent', ts: '1.9' });
    facts.slack.push({ ts: '1.9', marker: 'm9' });
    facts.audits.push(
      { action: 'console.alerts.ticket_skipped', payload: { alert_key: key, reason: 'severity' } },
      { action: 'console.webhooks.not_understood', payload: { source: 'pager' } },
    );
    const stored = { source: 'pager', stored: 3, notUnderstood: 1, otherDead: 0, rejected: 0 };
    facts.webhooks.push(stored);
    change(facts, ledger, stored);
  });

test('requests that were stored, took effect and became dead letters as they must are no violation', () => {
  expect(after(() => undefined)).toEqual([]);
});

test('a request that was answered with 2xx and is not stored is lost, and a stored one that nobody sent is surplus', () => {
  expect(after((_facts, _ledger, stored) => Object.assign(stored, { stored: 2 }))).toEqual(['lost_request']);
  expect(after((_facts, _ledger, stored) => Object.assign(stored, { stored: 4 }))).toEqual(['surplus_request']);
});

test('a resolution that took no effect is a lost event, and an episode that nobody reported a repeated one', () => {
  const again = request('firing', 9_000);
  expect(
    after((_facts, { webhooks }, stored) => void (webhooks.push(again) && Object.assign(stored, { stored: 4 }))),
  ).toEqual(['lost_event']);
  expect(after((_facts, { webhooks }) => void webhooks.pop())).toEqual(['surplus_request', 'repeated_event']);
});

test('a request whose answer was lost may have taken effect or not', () => {
  const perhaps: WebhookRecord = { ...request('firing', 9_000), outcome: 'unknown' };
  expect(after((_facts, { webhooks }) => void webhooks.push(perhaps))).toEqual([]);
  expect(
    after((_facts, { webhooks }, stored) => void (webhooks.push(perhaps) && Object.assign(stored, { stored: 4 }))),
  ).toEqual([]);
});

test('the end of an alert whose beginning got lost changes nothing, and a severity must not fall short', () => {
  const unheard = {
    ...request('resolved', 9_000),
    says: [{ key: 'pager:x', status: 'resolved', severity: 'P1' }],
  } as const;
  expect(
    after((_facts, { webhooks }, stored) => {
      webhooks.push({ ...unheard, says: [...unheard.says] });
      Object.assign(stored, { stored: 4 });
    }),
  ).toEqual([]);
  const worse = { ...request('firing', 9_000), says: [{ key, status: 'firing', severity: 'P1' }] } as const;
  expect(
    after(({ moves, alerts, audits }, { webhooks }, stored) => {
      webhooks.push({ ...worse, says: [...worse.says] });
      Object.assign(stored, { stored: 4 });
      moves.push(moveAt({ key, at: 9_900 }));
      Object.assign(alerts.at(-1) ?? {}, { active: true, episode: 2 });
      audits.push({ action: 'console.alerts.ticket_skipped', payload: { alert_key: key } });
    }),
  ).toEqual(['missing_message', 'lost_event']);
});

test('malformed requests must be dead letters, each in the audit log, and no other request may be one', () => {
  expect(after((_facts, _ledger, stored) => Object.assign(stored, { notUnderstood: 0 }))).toEqual([
    'wrong_dead_letter',
    'wrong_audit',
  ]);
  expect(after((_facts, _ledger, stored) => Object.assign(stored, { otherDead: 1 }))).toEqual(['wrong_dead_letter']);
  expect(after(({ audits }) => void audits.pop())).toEqual(['missing_audit']);
});

test('an alert that no sender sent is a violation', () => {
  expect(after((_facts, { webhooks }) => void (webhooks[0] && Object.assign(webhooks[0], { says: [] })))).toContain(
    'repeated_event',
  );
  expect(
    after((_facts, { webhooks }) => {
      for (const each of webhooks) Object.assign(each, { says: [] });
    }),
  ).toEqual(['unknown_alert']);
});
