import { afterAll, beforeAll, expect, it } from 'vitest';
import { retireRemoved } from '../../src/surfaces/sync.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

/** What the poller tells a surface without settings of its own. */
const policy = {
  failuresToOpen: 2,
  successesToClose: 2,
  severity: { degraded: 'P3', down: 'P1' },
  unstableWindow: 10,
  overloadGraceMs: 600_000,
};
const flap = { maxOutages: 3, windowMs: 3_600_000 };

/** Checks of a server that answers 500, 500, 200, 200 again and again. */
async function outages(id: string, times: number, more = {}) {
  for (const outcome of Array(times).fill(['down', 'down', 'up', 'up']).flat()) {
    const error = outcome === 'up' ? null : 'HTTP 500';
    await one.deliver([
      {
        to: `surface:${id}`,
        event: { type: 'CHECKED', outcome, error, name: `Surface ${id}`, ...policy, flap, ...more },
      },
    ]);
    await environment.settled();
  }
}

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`(${id})`));
const alerts = async (id: string) =>
  (
    await environment.pool.query(
      `select snapshot->'context' as context from actors
       where kind = 'alert' and snapshot->'context'->>'surfaceId' = $1 order by created_at`,
      [id],
    )
  ).rows.map(({ context }) => context);
const messages = (id: string) =>
  environment.slack.state.messages.filter(({ text }) => text.includes(`Surface ${id}`)).map(({ text }) => text);

it('a surface that goes down and up for an hour has three tickets, and the last one collects the notes', async () => {
  await outages('flappy', 30);
  expect(tickets('flappy')).toHaveLength(3);
  const [first, second, third] = await alerts('flappy');
  expect([first, second, third].map(({ flapping, active }) => [flapping, active])).toEqual([
    [false, false],
    [false, false],
    [true, true],
  ]);
  // The first return is noted at once, and the others together.
  const noted = () => environment.notes(tickets('flappy').at(-1)?.id);
  expect(noted()).toEqual([expect.stringContaining('1 more outage since the last note')]);
  // Three openings, two resolutions, one "flapping".
  expect(messages('flappy')).toHaveLength(6);
  expect(messages('flappy').filter((text) => text.includes('Flapping'))).toHaveLength(1);

  await environment.hurry('timer:alert:%flapWindow%');
  await environment.settled();
  expect((await alerts('flappy')).map(({ active }) => active)).toEqual([false, false, false]);
  expect(noted().slice(1)).toEqual([
    expect.stringContaining('26 more outages since the last note'),
    expect.stringContaining('quiet after flapping'),
  ]);
});

it('a flapping surface whose last outage was filed late has the notes on that ticket', async () => {
  await outages('late', 2);
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await outages('late', 3);
  environment.desk.control.faults.clear();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await environment.settled();
  expect(tickets('late')).toHaveLength(3);
  expect((await alerts('late')).map(({ active }) => active)).toEqual([false, false, true]);
});

it('a surface whose outages continue its ticket has one ticket and one alert in an hour', async () => {
  await outages('returning', 30, { reopenWithinMs: 3_600_000 });
  expect(tickets('returning')).toHaveLength(1);
  expect((await alerts('returning')).map(({ episode, flapping }) => [episode, flapping])).toEqual([[3, true]]);
  expect(environment.notes(tickets('returning')[0]?.id)).toEqual([
    expect.stringContaining('Resolved at'),
    expect.stringContaining('Active again since'),
    expect.stringContaining('Resolved at'),
    expect.stringContaining('Active again since'),
    expect.stringContaining('1 more outage since the last note'),
  ]);
  // Three openings, two resolutions, one "flapping".
  expect(messages('returning')).toHaveLength(6);
});

it('a flapping surface that is taken out of the file has no active alert, and its note says why', async () => {
  await environment.surfaces({ id: 'taken-out' });
  await outages('taken-out', 4);
  expect((await alerts('taken-out')).map(({ active }) => active)).toEqual([false, false, true]);
  await environment.surfaces({ id: 'another' });
  await retireRemoved(environment.pool, one.deliver);
  await environment.settled();
  expect((await alerts('taken-out')).map(({ active }) => active)).toEqual([false, false, false]);
  expect(environment.notes(tickets('taken-out').at(-1)?.id).at(-1)).toContain('taken out of the file');
});
