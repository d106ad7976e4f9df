import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchDeadLetterAge } from '../../src/deadLetters/watchAge.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeEach(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterEach(() => environment.close());

const watch = () => watchDeadLetterAge({ pool: environment.pool, deliver: one.deliver, alarmMinutes: 60 });
const alarms = () => environment.openings().filter(({ text }) => text.includes('attention'));
const warned = () => environment.lines.filter(({ msg }) => msg === 'dead letters wait for a person');

async function addDeadLetter(id: string, minutesAgo: number): Promise<void> {
  await environment.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, error, finished_at)
     values ($1, 'alert:a:1', 'dm', 'sendDm', '{}', 'dead', '{}', now() - $2 * interval '1 minute')`,
    [id, minutesAgo],
  );
}

it('a dead letter younger than the limit sends no alarm', async () => {
  await addDeadLetter('young', 59);
  await watch();
  await environment.settled();
  expect(alarms()).toHaveLength(0);
});

it('a dead letter older than the limit causes one log line, one message and one audit row', async () => {
  await addDeadLetter('young', 59);
  await addDeadLetter('old', 61);
  for (let n = 0; n < 3; n += 1) await watch();
  await eventually(() => expect(alarms()).toHaveLength(1));
  await watch();
  await environment.settled();
  expect(alarms()).toHaveLength(1);
  expect(warned()).toMatchObject([{ level: 'WARNING', count: 2 }]);
  expect(await environment.audit('console.dead_letters.overdue')).toHaveLength(1);
});

it('the age of the oldest dead letter is a metric', async () => {
  await addDeadLetter('old', 61);
  // A scrape leaves out what the database does not answer in time.
  await eventually(async () => {
    const text = await one.metrics.registry.getSingleMetricAsString('auto_ticketing_dead_letter_oldest_seconds');
    expect(Number(/^\S+_oldest_seconds (\S+)/m.exec(text)?.[1])).toBeGreaterThan(3_600);
  });
});

it('after all dead letters are handled, the next overdue one sends a new alarm', async () => {
  await addDeadLetter('old', 61);
  await watch();
  await eventually(() => expect(alarms()).toHaveLength(1));
  await environment.settled();
  await environment.pool.query("update effects set status = 'discarded' where status = 'dead'");
  await watch();
  await addDeadLetter('next', 90);
  await watch();
  await eventually(() => expect(alarms()).toHaveLength(2));
});
