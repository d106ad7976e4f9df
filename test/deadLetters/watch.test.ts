import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchDeadLetterAge } from '../../src/deadLetters/watchAge.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeEach(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterEach(() => house.close());

const look = () => watchDeadLetterAge({ pool: house.pool, deliver: one.deliver, alarmMinutes: 60 });
const alarms = () => house.openings().filter(({ text }) => text.includes('attention'));
const warned = () => house.lines.filter(({ msg }) => msg === 'dead letters wait for a person');

async function bury(id: string, minutesAgo: number): Promise<void> {
  await house.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, error, finished_at)
     values ($1, 'alert:a:1', 'dm', 'sendDm', '{}', 'dead', '{}', now() - $2 * interval '1 minute')`,
    [id, minutesAgo],
  );
}

it('a letter that is young disturbs nobody', async () => {
  await bury('young', 59);
  await look();
  await house.settled();
  expect(alarms()).toHaveLength(0);
});

it('one that waits for too long is told once: one line, one message, one audit row', async () => {
  await bury('young', 59);
  await bury('old', 61);
  for (let n = 0; n < 3; n += 1) await look();
  await eventually(() => expect(alarms()).toHaveLength(1));
  await look();
  await house.settled();
  expect(alarms()).toHaveLength(1);
  expect(warned()).toMatchObject([{ level: 'WARNING', count: 2 }]);
  expect(await house.audit('console.dead_letters.overdue')).toHaveLength(1);
});

it('the age of the oldest is a metric', async () => {
  await bury('old', 61);
  const text = await one.metrics.registry.getSingleMetricAsString('auto_ticketing_dead_letter_oldest_seconds');
  expect(Number(/^\S+_oldest_seconds (\S+)/m.exec(text)?.[1])).toBeGreaterThan(3_600);
});

it('once all are seen to, the next that waits is told again', async () => {
  await bury('old', 61);
  await look();
  await eventually(() => expect(alarms()).toHaveLength(1));
  await house.pool.query("update effects set status = 'discarded' where status = 'dead'");
  await look();
  await bury('next', 90);
  await look();
  await eventually(() => expect(alarms()).toHaveLength(2));
});
