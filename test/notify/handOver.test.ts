import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { createLog } from '../../src/log/log.ts';
import { createCopyStore } from '../../src/notify/copyStore.ts';
import { createDmStore } from '../../src/notify/dmStore.ts';
import { createDms } from '../../src/notify/dms.ts';
import { createHandOver } from '../../src/notify/handOver.ts';
import type { Messenger } from '../../src/notify/port.ts';
import type { NotificationRules } from '../../src/surfaces/fileNotify.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { trustedClock } from '../support/trustedClock.ts';

const { signal } = new AbortController();
const log = createLog({ level: 'silent' });
let database: TestDatabase;
let rules: NotificationRules;
let delivered: string[];
let delivers: boolean;
let posted: string[];
let n = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => {
  n += 1;
  rules = { notify: [{ to: ['C1', 'U1'], severities: ['P1'] }], escalation: [{ afterMinutes: 15, to: ['U2'] }] };
  delivered = [];
  delivers = true;
  posted = [];
});
afterAll(() => database.drop());

const messenger: Messenger = {
  async send({ headline }, _marker, { to, replyTo } = {}) {
    posted.push(`${headline} to ${to ?? 'default'}${replyTo ? ` in ${replyTo.channel}` : ''}`);
    return { channel: `D-${to ?? 'default'}`, ts: String(posted.length) };
  },
  update: async () => undefined,
  findByMarker: async () => null,
};
/** U1 is the person in SLACK_DM_USER_ID. */
const dms = () =>
  createDms({
    store: createDmStore(database.pool, trustedClock),
    messenger,
    log,
    consoleUrl: 'http://127.0.0.1',
    admit: async (_source, ids) => ({ taken: new Set(ids), held: new Set() }),
    handOver: createHandOver({
      store: createCopyStore(database.pool),
      rules: async () => rules,
      defaultUserId: 'U1',
      async deliver(copies) {
        if (!delivers) throw new Error('the process ended');
        for (const { id } of copies) delivered.push(id);
      },
    }),
  });
const request = (number: number, facts: Partial<DmRequest> = {}): DmRequest => ({
  id: `dm:s:${n}:${number}`,
  thread: `alert:s:${n}:1`,
  kind: 'opened',
  source: 's',
  body: { alertKey: `s:${n}`, severity: 'P1', title: 'A', since: '2026-01-01T00:00:00Z', ticket: null },
  ...facts,
});
const copy = (of: DmRequest, to: string | null): DmRequest => ({ ...of, id: `${of.id}@${to ?? 'default'}`, to });

it('a message for several recipients is handed over once, and each copy is sent once', async () => {
  const opened = request(1);
  expect(await dms().send(opened, signal)).toEqual({ outcome: 'sent' });
  expect(await dms().send(opened, signal)).toEqual({ outcome: 'sent' });
  expect(delivered.toSorted()).toEqual([`${opened.id}@C1`, `${opened.id}@default`]);
  expect(posted).toEqual([]);
  for (const to of ['C1', null, 'C1']) await dms().send(copy(opened, to), signal);
  expect(posted).toEqual(['P1: A to C1', 'P1: A to default']);
});

it('a message whose process ends before it is handed over keeps its recipients', async () => {
  const opened = request(1);
  delivers = false;
  await expect(dms().send(opened, signal)).rejects.toThrow('the process ended');
  delivers = true;
  await dms().send(opened, signal);
  expect(delivered.toSorted()).toEqual([`${opened.id}@C1`, `${opened.id}@default`]);
});

it('a reply goes to those who were told, whatever the rules say by then, and into their threads', async () => {
  const opened = request(1);
  await dms().send(opened, signal);
  await dms().send(copy(opened, 'C1'), signal);
  rules = { notify: [{ to: ['C9'] }], escalation: [] };
  delivered = [];
  const resolved = request(2, { kind: 'resolved' });
  await dms().send(resolved, signal);
  expect(delivered.toSorted()).toEqual([`${resolved.id}@C1`, `${resolved.id}@default`]);
  expect(await dms().send(copy(resolved, 'C1'), signal)).toEqual({ outcome: 'sent' });
  expect(posted.at(-1)).toBe('Resolved: A to C1 in D-C1');
  // The opening message did not reach the default recipient.
  expect(await dms().send(copy(resolved, null), signal)).toEqual({ outcome: 'skipped' });
});

it('a severity that rises is announced to those who were told before and to those of the new severity', async () => {
  await dms().send(request(1, { body: { ...request(1).body, severity: 'P3' } }), signal);
  expect(posted).toEqual(['P3: A to default']);
  const escalated = request(2, { kind: 'escalated' });
  await dms().send(escalated, signal);
  expect(delivered.toSorted()).toEqual([`${escalated.id}@C1`, `${escalated.id}@default`]);
  await dms().send(copy(escalated, 'C1'), signal);
  const resolved = copy(request(3, { kind: 'resolved' }), 'C1');
  expect(await dms().send(resolved, signal)).toEqual({ outcome: 'sent' });
  expect(posted.at(-1)).toBe('Resolved: A to C1 in D-C1');
});

it('a message for the default recipient alone is sent as it is', async () => {
  rules = { notify: [{ to: ['U1'] }], escalation: [] };
  expect(await dms().send(request(1), signal)).toEqual({ outcome: 'sent' });
  expect(posted).toEqual(['P1: A to default']);
  expect(delivered).toEqual([]);
});

it('a grouped message is not handed over to recipients before it is admitted', async () => {
  const opened = request(1);
  const refusing = createDms({
    store: createDmStore(database.pool, trustedClock),
    messenger,
    log,
    consoleUrl: 'http://127.0.0.1',
    admit: async () => ({ taken: new Set(), held: new Set() }),
    handOver: async (requests) => {
      expect(requests).toEqual([]);
      return new Set();
    },
  });
  expect(await refusing.decide([opened])).toEqual(new Map([[opened.id, { outcome: 'grouped' }]]));
});
