import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

const UMBRELLA = 'umbrella:monitor';
const KEYS = Array.from({ length: 350 }, (_, n) => `monitor:member-${String(n).padStart(3, '0')}`);
/** One of those that are no longer in the snapshot. */
const LEAVING = 'monitor:member-321';

const deliver = (events: object[]) =>
  one.deliver(events.map((event) => ({ to: UMBRELLA, event: event as { type: string } })));
const joining = (keys: readonly string[]) =>
  keys.map((alertKey) => ({
    type: 'TICKET_MEMBER',
    member: { alertKey, severity: 'P1', title: `Trouble, ${alertKey}` },
  }));
/** How many members are in the snapshot, and in rows. */
async function stored(): Promise<[number, number]> {
  const { rows } = await environment.pool.query(
    `select jsonb_array_length(snapshot->'context'->'members') as "inSnapshot",
       (select count(*)::int from actor_entries where actor_id = id) as "inRows" from actors where id = $1`,
    [UMBRELLA],
  );
  return [rows[0]?.inSnapshot, rows[0]?.inRows];
}

it('an umbrella whose ticket cannot be filed keeps a small snapshot, and later names each member once', async () => {
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await deliver(joining(KEYS.slice(0, 200)));
  await environment.settled();
  await deliver(joining(KEYS.slice(200)));
  expect(await stored()).toEqual([100, 250]);
  await deliver([{ type: 'TICKET_LEFT', alertKey: LEAVING }]);
  expect(await stored()).toEqual([100, 249]);

  await one.stop();
  one = environment.process();
  environment.desk.control.faults.clear();
  await eventually(async () => {
    await environment.hurry('timer:helpdesk:%betweenTries%');
    expect(environment.tickets()).toHaveLength(1);
  });
  await environment.settled();
  const [ticket] = environment.tickets();
  await eventually(async () => {
    await environment.hurry(`timer:${UMBRELLA}:%betweenListings%`);
    expect(environment.notes(ticket?.id)).not.toEqual([]);
  });
  await environment.settled();

  const text = [ticket?.threads[0]?.body, ...environment.notes(ticket?.id)].join();
  const times = (key: string) => text.split(`<code>${key}</code>`).length - 1;
  expect(KEYS.filter((key) => times(key) !== (key === LEAVING ? 0 : 1))).toEqual([]);
  expect(text).toContain(`${KEYS.length - 1} alerts from monitor are on this ticket`);
  await eventually(async () => expect(await stored()).toEqual([0, 0]));
});
