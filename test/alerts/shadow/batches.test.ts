import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DmRequest } from '../../../machines/shared/protocol.ts';
import type { EffectHandlers, EffectRun } from '../../../src/actors/effectRunner.ts';
import { withShadow } from '../../../src/alerts/shadow/admission.ts';
import { listShadow } from '../../../src/alerts/shadow/list.ts';
import { syncSources } from '../../../src/alerts/sources/sources.ts';
import { createShadow } from '../../../src/app/shadow.ts';
import type { Admission } from '../../../src/tickets/admission.ts';
import type { Filing } from '../../../src/tickets/filingStore.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await syncSources(database.pool, [{ id: 'tried', shadow: true }] as never);
});
afterEach(() => database.drop());

const message = (id: string, source: string, kind: DmRequest['kind'] = 'opened'): DmRequest => ({
  ...{ id, thread: `thread of ${id}`, kind, source },
  body: { title: id, severity: 'P1' },
});

/** The handlers in shadow mode, and what got past it: alone and in batches. */
function handlers() {
  const shadow = createShadow({
    ...{ pool: database.pool, consoleUrl: 'http://console.test' },
    stormLimits: async () => ({ maxTickets: 1, windowMinutes: 10, maxTicketsTotal: 0 }),
  });
  const sent: [string, DmRequest['kind']][] = [];
  const sendDm = {
    run: async ({ id, kind }: DmRequest) => {
      sent.push([id, kind]);
      return { outcome: 'sent' };
    },
    decide: async (effects: readonly { id: string; input: DmRequest }[]) => {
      sent.push(...effects.map(({ input }): [string, DmRequest['kind']] => [input.id, input.kind]));
      return new Map(effects.map(({ id }) => [id, { outcome: 'grouped' }]));
    },
    patience: () => null,
  };
  const keepTicket = { run: async () => ({ outcome: 'done' }), patience: () => null };
  const wrapped = shadow.effects({ sendDm, keepTicket } as EffectHandlers);
  const decide = async (...requests: DmRequest[]) =>
    Object.fromEntries(
      (await wrapped.sendDm?.decide?.(
        requests.map((input) => ({ id: `effect ${input.id}`, input: input as never })),
      )) ?? [],
    );
  const run = async (request: DmRequest) => wrapped.sendDm?.run(request as never, {} as EffectRun);
  return { shadow, sent, decide, run };
}

it('messages that are decided in a batch are withheld in shadow mode, and the others are decided as always', async () => {
  const { sent, decide } = handlers();
  expect(await decide(message('a', 'tried'), message('b', 'live'), message('c', 'tried', 'resolved'))).toEqual({
    'effect a': { outcome: 'skipped' },
    'effect b': { outcome: 'grouped' },
    'effect c': { outcome: 'skipped' },
  });
  expect(sent).toEqual([['b', 'opened']]);
  const composed = (await listShadow(database.pool)).messages.map(({ kind }) => kind);
  expect(composed.toSorted()).toEqual(['opened', 'resolved']);
});

it('the link to a ticket tells of an alert whose first message was composed only, in a batch and alone', async () => {
  const { sent, decide, run } = handlers();
  await run({ ...message('before', 'tried'), thread: 'tried first' });
  const link = { ...message('link', 'live', 'ticket'), thread: 'tried first' };
  await decide(link, message('other', 'live', 'ticket'));
  await run({ ...link, id: 'again' });
  expect(sent).toEqual([
    ['link', 'opened'],
    ['other', 'ticket'],
    ['again', 'opened'],
  ]);
});

it.each([
  ['ticket', 'opened', 'opened'],
  ['ticket', 'escalated', 'opened'],
  ['continued', 'flapping', 'opened'],
  ['ticket', 'unassigned', 'ticket'],
  ['continued', 'resolved', 'continued'],
] as const)(
  'a message of kind %s after one of kind %s that was composed only is sent as %s',
  async (kind, first, sentAs) => {
    const { sent, run } = handlers();
    await run({ ...message('before', 'tried', first), thread: 'one' });
    await run({ ...message('link', 'live', kind), thread: 'one' });
    expect(sent).toEqual([['link', sentAs]]);
  },
);

it('the link to a ticket stays a link where the first message was sent before shadow mode began', async () => {
  const { sent, run } = handlers();
  await database.pool.query(
    `insert into direct_messages (id, thread, kind, source, body, phase) values ('first', 'one', 'opened', 'tried', '{}', 'sent')`,
  );
  await run({ ...message('worse', 'tried', 'escalated'), thread: 'one' });
  await run({ ...message('link', 'live', 'ticket'), thread: 'one' });
  expect(sent).toEqual([['link', 'ticket']]);
});

const filing = (alertKey: string, source: string): Filing =>
  ({
    ...{ id: alertKey, path: 'alert', marker: 'AT-1', createdAt: new Date(0) },
    request: {
      ...{ path: 'alert', alertKey, source, surfaceId: null, severity: 'P1', title: alertKey },
      ...{ since: '2026-01-01T00:00:00.000Z', ids: [alertKey], labels: {}, details: '', url: null },
    },
  }) as unknown as Filing;

it('filings of a batch are judged each by its own mode: none in shadow mode is admitted, takes a slot or holds one up', async () => {
  const record = vi.fn(async () => undefined);
  const admit = vi.fn<Admission>(async (filings) =>
    filings.map(({ id }) =>
      id === 'tried:off' ? { refused: 'flag_off' } : id === 'tried:2' ? { failed: 'held' } : null,
    ),
  );
  const admission = withShadow(admit, { shadowNow: async () => (source) => source === 'tried', record });
  const [one, two, off] = [filing('tried:1', 'tried'), filing('tried:2', 'tried'), filing('tried:off', 'tried')];
  const live = filing('live:1', 'live');
  expect(await admission([one, live, two, off], { probe: false, posts: true })).toEqual([
    { refused: 'shadow' },
    null,
    { refused: 'shadow' },
    { refused: 'flag_off' },
  ]);
  expect(admit.mock.calls).toEqual([
    [[live], { probe: false, posts: true, refused: ['tried:1', 'tried:2', 'tried:off'] }],
    [[one, two, off], { probe: false, posts: false }],
  ]);
  expect(record).toHaveBeenCalledExactlyOnceWith([one, two]);
});

it('tickets of a batch are composed and audited once, and those beyond the storm limit are marked', async () => {
  const admission = handlers().shadow.admission(async (filings) => filings.map(() => null));
  const filings = ['x', 'y', 'x'].map((id) => filing(`tried:${id}`, 'tried'));
  for (let times = 0; times < 2; times += 1) {
    expect(await admission(filings, { probe: false, posts: true })).toEqual(filings.map(() => ({ refused: 'shadow' })));
  }
  const { tickets } = await listShadow(database.pool);
  expect(tickets.map(({ alert_key, on_umbrella }) => [alert_key, on_umbrella]).toSorted()).toEqual([
    ['tried:x', false],
    ['tried:y', true],
  ]);
  const { rows } = await database.pool.query(
    "select payload->>'alert_key' as key from audit_log where action = 'console.alerts.shadow_ticket_composed' order by 1",
  );
  expect(rows).toEqual([{ key: 'tried:x' }, { key: 'tried:y' }]);
});
