import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertStory } from '../../src/alerts/alertStory.ts';
import * as answers from '../../src/http/schemas/answers.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

let reading: ManualEnvironment;
beforeAll(async () => {
  reading = await startManualEnvironment();
});
afterAll(() => reading.drop());

const story = async (key: string) => {
  const found = await alertStory(reading.pool, key, {});
  if (found) expect(answers.alertStory.parse(found)).toEqual(found);
  return found;
};

it('an alert is told with what its sender said about it', async () => {
  await reading.emit('disks:sda', { details: '93 % of /var', labels: { host: 'db-1' }, surfaceName: 'Storage' });
  expect(await story('disks:sda')).toMatchObject({
    ...{ title: 'Disk is full', details: '93 % of /var', labels: { host: 'db-1' }, surface_name: 'Storage' },
    periods: [{ ended_at: null, tickets: [] }],
    history: [
      { event: 'EMITTED', summary: 'disks reported the alert: P1, "Disk is full". Its ticket is being filed.' },
    ],
  });
});

it('each ticket is listed with the time in which the alert was active and asked for it', async () => {
  await reading.emit('queue:1');
  await reading.file('alert:queue:1', 31);
  await reading.resolve('queue:1');
  await reading.emit('queue:1');
  await reading.file('alert:queue:1', 32);
  const periods = (await story('queue:1'))?.periods ?? [];
  expect(periods.map(({ tickets }) => tickets.map(({ id }) => id))).toEqual([[32], [31]]);
  const [present, earlier] = periods;
  expect(present).toMatchObject({ ended_at: null });
  expect(Date.parse(earlier?.ended_at ?? '')).toBeLessThanOrEqual(Date.parse(present?.began_at ?? ''));
});

it('messages of earlier episodes are listed too, those that still wait without a time', async () => {
  await reading.emit('mail:1');
  await reading.resolve('mail:1');
  await reading.emit('mail:1');
  const insert = `insert into direct_messages (id, thread, kind, body, phase, created_at, sent_at)
    select 'mail ' || n, 'alert:mail:1:' || n, 'opened', '{}', 'planned', now() + n * interval '1 s', $1 from generate_series($2::int, $2) n`;
  await reading.pool.query(insert, [new Date(), 1]);
  await reading.pool.query(insert, [null, 2]);
  expect((await story('mail:1'))?.messages).toMatchObject([
    { kind: 'opened', sent_at: null },
    { kind: 'opened', sent_at: expect.any(String) },
  ]);
});

it.each(['nobody:1', 'umbrella:1', 'a\0b'])('there is no alert %j', async (key) => {
  expect(await story(key)).toBeNull();
});
