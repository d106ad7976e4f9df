import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import {
  auditAbout,
  type Environment,
  filed,
  POSTS,
  type Process,
  postsAbout,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import type { Crash, Moment } from '../support/crashingProcess.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** A process dies at every point of a filing. Whoever comes after it ends with exactly one ticket, tagged and audited once. */

const HALFWAY: Moment[] = [
  'while the request is answered',
  'before the id is recorded',
  'before the tags are set',
  'before the tags are recorded',
];
const CRASHES: [Crash['path'], Moment][] = (['click', 'alert'] as const).flatMap((path) =>
  (['before the request leaves', ...HALFWAY] as const).map((moment): [Crash['path'], Moment] => [path, moment]),
);

const houses = new Map<string, Environment>();
const houseOf = (path: Crash['path'], moment: Moment): Environment => {
  const house = houses.get(`${path} ${moment}`);
  if (!house) throw new Error('no process died there');
  return house;
};

beforeAll(async () => {
  const crashes = await Promise.all(
    CRASHES.map(async ([path, moment]): Promise<Crash> => {
      const house = await startEnvironment({
        // Ten processes at once share one Postgres here.
        DATABASE_POOL_SIZE: '5',
        FREESCOUT_IN_DOUBT_SECONDS: '4',
        FLAG_CONSOLE_ALERTS_AUTO_TICKET: path === 'alert' ? '1' : '0',
      });
      houses.set(`${path} ${moment}`, house);
      if (moment === 'while the request is answered') {
        house.desk.control.faults.add({ kind: 'delay', delay_ms: 1_500, ...POSTS });
      }
      return { settings: house.settings, databaseUrl: house.url, path, moment };
    }),
  );
  await dies(crashes);
});
afterAll(() => Promise.all([...houses.values()].map((house) => house.close())));

async function dies(crashes: Crash[]): Promise<void> {
  const support = join(packageRoot, 'test/support');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(support, 'crashingProcess.ts'), JSON.stringify(crashes)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'exit');
  if (await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)])) {
    // A request that nobody has received yet would die with the process that sends it.
    await eventually(() => expect(CRASHES.filter((crash) => !hasLeft(...crash))).toStrictEqual([]));
    child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error(`the process ended otherwise than it was told: ${said}`);
}

const hasLeft = (path: Crash['path'], moment: Moment): boolean =>
  moment === 'before the request leaves' || postsAbout(houseOf(path, moment), 'api') > 0;

const expectTags = (house: Environment, ...tags: string[]) =>
  eventually(() => expect(ticketsAbout(house, 'api')[0]?.tags.toSorted()).toStrictEqual(tags));

describe('an operator clicked, and the process that filed died', () => {
  test.each(HALFWAY)('%s', async (moment) => {
    const house = houseOf('click', moment);
    const next = house.process();
    await eventually(async () => expect(await auditAbout(house, 'api')).toHaveLength(1));
    await expectTags(house, 'auto:status', 'auto:status:api');
    expect(await filed(next.investigate('api', 'sam'))).toMatchObject({ idempotent: true });
    expect(await auditAbout(house, 'api')).toMatchObject([
      { actor: 'olga', payload: { idempotent: false } },
      { actor: 'sam', payload: { idempotent: true } },
    ]);
    expect(ticketsAbout(house, 'api')).toHaveLength(1);
    expect(postsAbout(house, 'api')).toBe(1);
    await next.stop();
  });

  test('before the request left: nothing is filed behind the operator’s back, and the next click files once', async () => {
    const house = houseOf('click', 'before the request leaves');
    const next = house.process();
    await eventually(async () => {
      const { rows } = await house.pool.query('select phase from filings');
      expect(rows).toStrictEqual([{ phase: 'withdrawn' }]);
    });
    expect(postsAbout(house, 'api')).toBe(0);
    expect(await filed(next.investigate('api', 'sam'))).toMatchObject({ idempotent: false });
    expect(await auditAbout(house, 'api')).toMatchObject([{ actor: 'sam', payload: { idempotent: false } }]);
    expect(ticketsAbout(house, 'api')).toHaveLength(1);
    await next.stop();
  });
});

describe('an alert fired, and the process that filed died', () => {
  test.each<Moment>(['before the request leaves', ...HALFWAY])('%s', async (moment) => {
    const house = houseOf('alert', moment);
    const next = house.process();
    const audit = () => house.audit('console.alerts.ticket_filed');
    await eventually(async () => {
      await givesTurn(house, next);
      expect(await audit()).toHaveLength(1);
    });
    await expectTags(house, 'auto:alert', 'auto:alert:status_poller');
    await next.check('api', 'down', 'down');
    expect(ticketsAbout(house, 'api')).toHaveLength(1);
    expect(postsAbout(house, 'api')).toBe(1);
    expect(await audit()).toHaveLength(1);
    await eventually(() => expect(house.openings()).toHaveLength(1));
    await next.stop();
  });
});

/** Says what the help desk's actor says within 30 s to a filing that waits: it is your turn. */
async function givesTurn(house: Environment, { deliver }: Process): Promise<void> {
  const { rows } = await house.pool.query<{ id: string }>(
    "select id from actors where kind = 'alert' and state->>'ticket' = 'waiting'",
  );
  await deliver(rows.map(({ id }) => ({ to: id, event: { type: 'TRY', probe: true } })));
}
