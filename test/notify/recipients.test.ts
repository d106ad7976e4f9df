import { expect, it } from 'vitest';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { copyFor, escalationFor, recipientsOf, withDefault } from '../../src/notify/recipients.ts';

const request = (facts: Partial<DmRequest> = {}): DmRequest => ({
  id: 'dm:monitor:a:1',
  thread: 'alert:monitor:a:1',
  kind: 'opened',
  source: 'monitor',
  body: { alertKey: 'monitor:a', severity: 'P1' },
  ...facts,
});
const rules = {
  notify: [
    { to: ['C0ALL'] },
    { to: ['C0URGENT', 'C0ALL'], severities: ['P1' as const, 'P2' as const] },
    { to: ['C0POLLER'], sources: ['status_poller'] },
  ],
  escalation: [
    { afterMinutes: 5, to: ['U0FIRST'], sources: ['monitor'] },
    { afterMinutes: 15, to: ['U0SECOND'] },
  ],
};
const none = { notify: [], escalation: [] };

it('every rule that fits severity and source counts, and each recipient once', () => {
  expect(recipientsOf(request(), rules)).toEqual(['C0ALL', 'C0URGENT']);
  expect(recipientsOf(request({ body: { severity: 'P3' } }), rules)).toEqual(['C0ALL']);
  expect(recipientsOf(request({ source: 'status_poller' }), rules)).toEqual(['C0ALL', 'C0URGENT', 'C0POLLER']);
});

it('a message that no rule fits, and one about the console itself, go to the default recipient', () => {
  expect(recipientsOf(request(), none)).toEqual([null]);
  const urgentOnly = { ...none, notify: [{ to: ['C0URGENT'], severities: ['P1' as const] }] };
  expect(recipientsOf(request({ body: { severity: 'P3' } }), urgentOnly)).toEqual([null]);
  expect(recipientsOf(request({ source: null, kind: 'desk_failing' }), rules)).toEqual([null]);
});

it('a rule that names the default recipient means the same person', () => {
  expect(recipientsOf(request(), withDefault(rules, 'C0ALL'))).toEqual([null, 'C0URGENT']);
});

it('the first rule that fits the source says whom an escalation tells', () => {
  expect(escalationFor('monitor', rules)?.afterMinutes).toBe(5);
  expect(escalationFor('grafana', rules)?.afterMinutes).toBe(15);
  expect(escalationFor('grafana', none)).toBeNull();
  expect(recipientsOf(request({ kind: 'unassigned' }), rules)).toEqual(['U0FIRST']);
  expect(recipientsOf(request({ kind: 'unassigned' }), none)).toEqual([null]);
});

it('each recipient of a grouped message gets the alerts of its severities', () => {
  const members = [
    { alertKey: 'monitor:a', severity: 'P1', title: 'A' },
    { alertKey: 'monitor:b', severity: 'P3', title: 'B' },
  ];
  const grouped = request({
    id: 'dm:umbrella:monitor:1',
    kind: 'grouped',
    body: { source: 'monitor', members, count: 2 },
  });
  expect(recipientsOf(grouped, rules)).toEqual(['C0ALL', 'C0URGENT']);
  expect(copyFor(grouped, 'C0URGENT', rules)).toMatchObject({
    id: 'dm:umbrella:monitor:1@C0URGENT',
    to: 'C0URGENT',
    body: { members: [members[0]], count: 1 },
  });
  expect(copyFor(grouped, 'C0ALL', rules).body).toMatchObject({ members, count: 2 });
});
