import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listAlerts } from '../../../src/alerts/alertList.ts';
import { activeSilences } from '../../../src/alerts/silences/active.ts';
import { createSilences, listSilences, type Silences } from '../../../src/alerts/silences/silences.ts';
import { listSuppressed } from '../../../src/alerts/suppressedStore.ts';
import type { EmissionInput } from '../../../src/model/alerts.ts';
import type { Silence, SilenceMatchers } from '../../../src/model/silences.ts';
import { startEnvironment } from '../../support/environment.ts';
import { eventually } from '../../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let silences: Silences;
/** Each test has a source of its own. */
let source = '';
let count = 0;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
  silences = createSilences(environment.pool);
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', true, 'mia');
});
beforeEach(() => {
  count += 1;
  source = `source-${count}`;
});
afterAll(() => environment.close());

async function emit(id: string, more: Partial<EmissionInput> = {}): Promise<void> {
  await one.aggregator.ingest(source, [
    { alert_id: id, severity: 'P1', status: 'firing', title: `Trouble ${id}`, ...more },
  ]);
  await environment.settled();
}
/** Emissions know of a silence within half a second. */
async function silence(matchers: SilenceMatchers = { source }, reason = 'moving'): Promise<Silence> {
  const made = await silences.create({ matchers, until: new Date(Date.now() + 3_600_000), reason }, 'mia');
  await eventually(async () => expect((await one.recentSilences()).some(({ id }) => id === made.id)).toBe(true));
  return made;
}
/** New silences are applied a second after they began. */
async function apply(): Promise<void> {
  await environment.pool.query("update silences set created_at = created_at - interval '1 minute'");
  await one.reviewSuppressed();
  await environment.settled();
}
async function end({ id }: Silence): Promise<void> {
  await silences.end(id, 'noa');
  await eventually(async () => expect((await one.recentSilences()).some((each) => each.id === id)).toBe(false));
  await one.reviewSuppressed();
  await environment.settled();
}
const tickets = () =>
  environment
    .tickets()
    .filter(({ tags }) => tags.includes(`auto:alert:${source}`))
    .map(({ subject }) => subject.slice(16));
const messages = (text: string) =>
  environment.slack.state.messages.map((each) => JSON.stringify(each)).filter((each) => each.includes(text));
const audited = async (action: string) =>
  (await environment.audit(action)).filter(({ actor }) => actor === source).map(({ payload }) => payload);
const held = async () => (await listSuppressed(environment.pool)).rows.filter((row) => row.source === source);
const listed = async () =>
  (await listAlerts(environment.pool, { source, limit: 10, silentAfterSeconds: {} })).rows.map(
    ({ silenced, no_ticket_reason }) => [silenced?.reason ?? null, no_ticket_reason],
  );

it('a silenced P1 gets neither ticket nor message, is listed as held back, and gets both once the silence has ended', async () => {
  const made = await silence();
  await emit('disk');
  await emit('disk');
  expect([tickets(), messages('Trouble disk')]).toEqual([[], []]);
  expect(await held()).toMatchObject([{ state: 'active', reason: 'silenced', severity: 'P1' }]);
  expect(await listed()).toEqual([['moving', 'silenced']]);
  expect(await one.reviewSuppressed()).toBe(0);
  expect((await listSilences(environment.pool, { limit: 10 })).rows.find(({ id }) => id === made.id)).toMatchObject({
    alerts: 1,
  });

  await end(made);
  expect(tickets()).toEqual(['P1: Trouble disk']);
  await eventually(() => expect(messages('Trouble disk')).toHaveLength(1));
  expect([await held(), await listed()]).toEqual([[], [[null, null]]]);
  expect(await audited('console.alerts.ticket_skipped')).toMatchObject([{ reason: 'silenced' }]);
});

it('a silenced alert that ends is listed as ended, and neither filed nor announced', async () => {
  const made = await silence();
  await emit('short');
  await emit('short', { status: 'resolved' });
  await end(made);
  expect([tickets(), messages('Trouble short')]).toEqual([[], []]);
  expect(await held()).toMatchObject([{ state: 'ended', reason: 'silenced' }]);
  expect(await audited('console.alerts.dm_dropped')).toMatchObject([
    { kind: 'opened', reason: 'ended while silenced' },
  ]);
});

it('a silence whose end has come releases its alerts without anybody ending it', async () => {
  const made = await silence();
  await emit('timed', { severity: 'P3' });
  await environment.pool.query('update silences set ends_at = now() where id = $1', [made.id]);
  expect(await one.reviewSuppressed()).toBe(1);
  await eventually(() => expect(messages('Trouble timed')).toHaveLength(1));
  expect(tickets()).toEqual([]);
});

it('a silence of a label holds back only the alerts with that label, in a batch of many', async () => {
  const made = await silence({ source, labels: { host: 'db-*' } });
  await one.aggregator.ingest(
    source,
    Array.from({ length: 12 }, (_, n) => ({
      ...({ alert_id: `many-${n}`, severity: 'P2', status: 'firing', title: `Many ${n}` } as const),
      labels: { host: n % 2 === 0 ? `db-${n}` : `web-${n}` },
    })),
  );
  await environment.settled();
  await eventually(() => expect(tickets()).toHaveLength(6));
  expect(await held()).toHaveLength(6);
  await end(made);
  await eventually(() => expect(tickets()).toHaveLength(12));
});

it('a silence that begins while an alert is active holds back its news, and is applied without an emission', async () => {
  await emit('once');
  expect(tickets()).toHaveLength(1);
  await eventually(() => expect(messages('Trouble once')).toHaveLength(1));
  const made = await silence({ alert_key: `${source}:once` });
  await apply();
  await emit('once', { title: 'Trouble once more' });
  expect(messages('Trouble once more')).toEqual([]);
  await end(made);
  await eventually(() => expect(messages('Trouble once more')).toHaveLength(1));
  expect(tickets()).toHaveLength(1);
});

it('a filing is refused by a silence that no emission knows of yet', async () => {
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', false, 'mia');
  await emit('waits');
  const made = await silences.create(
    { matchers: { source }, until: new Date(Date.now() + 3_600_000), reason: 'r' },
    'mia',
  );
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', true, 'mia');
  // As the emission or review would decide that did not see the silence.
  await one.deliver([{ to: `alert:${source}:waits`, event: { type: 'HOLD_REVIEWED', held: null, under: [] } }]);
  await environment.settled();
  expect(tickets()).toEqual([]);
  expect(await held()).toMatchObject([{ reason: 'silenced' }]);
  await end(made);
  expect(tickets()).toHaveLength(1);
});

it('a silence that ends while the flag is off releases the message and leaves the ticket to the flag', async () => {
  const made = await silence();
  await emit('flagged');
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', false, 'mia');
  await end(made);
  await eventually(() => expect(messages('Trouble flagged')).toHaveLength(1));
  expect(await held()).toMatchObject([{ state: 'active', reason: 'flag_off' }]);
  await one.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', true, 'mia');
  await one.reviewSuppressed();
  await environment.settled();
  expect(tickets()).toHaveLength(1);
});

it('creating and ending a silence is audited with who, what, until when and why', async () => {
  const made = await silence({ source, surface_id: 'shop' }, 'new disks');
  const ended = await silences.end(made.id, 'noa');
  expect(ended).toMatchObject({ state: 'ended', ended_by: 'noa', ended_at: expect.any(String), until: made.until });
  const facts = { silence_id: Number(made.id), matchers: { source, surface_id: 'shop' }, until: made.until };
  expect((await environment.audit('console.silences.created')).at(-1)).toEqual({
    actor: 'mia',
    payload: { ...facts, reason: 'new disks', by: 'mia' },
  });
  expect((await environment.audit('console.silences.ended')).at(-1)).toEqual({
    actor: 'noa',
    payload: { ...facts, by: 'noa' },
  });
  await expect(silences.end(made.id, 'noa')).rejects.toMatchObject({ code: 'not_active' });
  for (const id of ['999999', 'x', '-1']) {
    await expect(silences.end(id, 'noa')).rejects.toMatchObject({ code: 'unknown_silence' });
  }
});

it('a silence that a person ended stays ended although the clock of the database is set back', async () => {
  const { id } = await silence();
  await silences.end(id, 'noa');
  // As the row looks then.
  await environment.pool.query("update silences set ends_at = now() + interval '1 hour' where id = $1", [id]);
  expect((await activeSilences(environment.pool)).map((active) => active.id)).not.toContain(id);
  const listed = (await listSilences(environment.pool, { limit: 100 })).rows.find((row) => row.id === id);
  expect(listed).toMatchObject({ state: 'ended', alerts: null });
  await expect(silences.end(id, 'noa')).rejects.toMatchObject({ code: 'not_active' });
});

it('silences are listed page after page, active ones first', async () => {
  const active = await silence({ source });
  const ended = await silence({ source });
  await silences.end(ended.id, 'noa');
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listSilences(environment.pool, { cursor, limit: 1 });
    seen.push(...page.rows.map(({ id, state }) => `${id} ${state}`));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.indexOf(`${active.id} active`)).toBeLessThan(seen.indexOf(`${ended.id} ended`));
  await end(active);
});
