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

/** A process dies at every point of a filing. The next process ends with exactly one ticket, tagged and audited once. */

const HALFWAY: Moment[] = [
  'while the request is answered',
  'before the id is recorded',
  'before the tags are set',
  'before the tags are recorded',
];
const CRASHES: [Crash['path'], Moment][] = (['click', 'alert'] as const).flatMap((path) =>
  (['before the request leaves', ...HALFWAY] as const).map((moment): [Crash['path'], Moment] => [path, moment]),
);

const environments = new Map<string, Environment>();
const houseOf = (path: Crash['path'], moment: Moment): Environment => {
  const environment = environments.get(`${path} ${moment}`);
  if (!environment) throw new Error('no process died there');
  return environment;
};

beforeAll(async () => {
  const crashes = await Promise.all(
    CRASHES.map(async ([path, moment]): Promise<Crash> => {
      const environment = await startEnvironment({
        // Ten processes at once share one Postgres here.
        DATABASE_POOL_SIZE: '5',
        FREESCOUT_IN_DOUBT_SECONDS: '6',
        FLAG_CONSOLE_ALERTS_AUTO_TICKET: path === 'alert' ? '1' : '0',
      });
      environments.set(`${path} ${moment}`, environment);
      if (moment === 'while the request is answered') {
        environment.desk.control.faults.add({ kind: 'delay', delay_ms: 1_500, ...POSTS });
      }
      return { settings: environment.settings, databaseUrl: environment.url, path, moment };
    }),
  );
  await dies(crashes);
});
afterAll(() => Promise.all([...environments.values()].map((environment) => environment.close())));

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
    // A request that was not received yet would be lost with its process.
    await eventually(() => expect(CRASHES.filter((crash) => !hasLeft(...crash))).toStrictEqual([]));
    child.kill('SIGKILL');
  }
  const [, signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error(`the process ended otherwise than it was told: ${said}`);
}

const hasLeft = (path: Crash['path'], moment: Moment): boolean =>
  moment === 'before the request leaves' || postsAbout(houseOf(path, moment), 'api') > 0;

const expectTags = (environment: Environment, ...tags: string[]) =>
  eventually(() => expect(ticketsAbout(environment, 'api')[0]?.tags.toSorted()).toStrictEqual(tags));

describe('after a click whose process died', () => {
  test.each(HALFWAY)('%s', async (moment) => {
    const environment = houseOf('click', moment);
    const next = environment.process();
    await eventually(async () => expect(await auditAbout(environment, 'api')).toHaveLength(1));
    await expectTags(environment, 'auto:status', 'auto:status:api');
    expect(await filed(next.investigate('api', 'sam'))).toMatchObject({ idempotent: true });
    expect(await auditAbout(environment, 'api')).toMatchObject([
      { actor: 'olga', payload: { idempotent: false } },
      { actor: 'sam', payload: { idempotent: true } },
    ]);
    expect(ticketsAbout(environment, 'api')).toHaveLength(1);
    expect(postsAbout(environment, 'api')).toBe(1);
    await next.stop();
  });

  test('before the request was sent nothing is filed later, and the next click files once', async () => {
    const environment = houseOf('click', 'before the request leaves');
    const next = environment.process();
    await eventually(async () => {
      const { rows } = await environment.pool.query('select phase from filings');
      expect(rows).toStrictEqual([{ phase: 'withdrawn' }]);
    });
    expect(postsAbout(environment, 'api')).toBe(0);
    expect(await filed(next.investigate('api', 'sam'))).toMatchObject({ idempotent: false });
    expect(await auditAbout(environment, 'api')).toMatchObject([{ actor: 'sam', payload: { idempotent: false } }]);
    expect(ticketsAbout(environment, 'api')).toHaveLength(1);
    await next.stop();
  });
});

describe('after an alert whose process died', () => {
  test.each<Moment>(['before the request leaves', ...HALFWAY])('%s', async (moment) => {
    const environment = houseOf('alert', moment);
    const next = environment.process();
    const audit = () => environment.audit('console.alerts.ticket_filed');
    await eventually(async () => {
      await givesTurn(environment, next);
      expect(await audit()).toHaveLength(1);
    });
    await expectTags(environment, 'auto:alert', 'auto:alert:status_poller');
    await next.check('api', 'down', 'down');
    expect(ticketsAbout(environment, 'api')).toHaveLength(1);
    expect(postsAbout(environment, 'api')).toBe(1);
    expect(await audit()).toHaveLength(1);
    await eventually(() => expect(environment.openings()).toHaveLength(1));
    await next.stop();
  });
});

/** Sends the event with which the actor of the help desk lets a waiting filing try within 30 s. */
async function givesTurn(environment: Environment, { deliver }: Process): Promise<void> {
  const { rows } = await environment.pool.query<{ id: string }>(
    "select id from actors where kind = 'alert' and state->>'ticket' = 'waiting'",
  );
  await deliver(rows.map(({ id }) => ({ to: id, event: { type: 'TRY', probe: true } })));
}
