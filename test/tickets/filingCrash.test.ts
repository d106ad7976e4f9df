import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/root.ts';
import {
  auditAbout,
  filed,
  type House,
  openClickHouse,
  POSTS,
  type Process,
  postsAbout,
  ticketsAbout,
} from '../support/clicks.ts';
import type { Crash, Moment } from '../support/crashingProcess.ts';
import { eventually } from '../support/eventually.ts';
import { openHouse } from '../support/house.ts';

/** A process dies at every point of a filing. Whoever comes after it ends with exactly one ticket, tagged and audited once. */

const IN_DOUBT = { FREESCOUT_IN_DOUBT_SECONDS: '4' };
const TIMEOUT_MS = 60_000;

async function dies(house: House, path: Crash['path'], moment: Moment): Promise<void> {
  const crash: Crash = { settings: house.settings, databaseUrl: house.url, surfaceId: 'api', path, moment };
  const support = join(packageRoot, 'test/support');
  const child = spawn(
    process.execPath,
    ['--import', join(support, 'typescript.mjs'), join(support, 'crashingProcess.ts'), JSON.stringify(crash)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [, signal] = await once(child, 'exit');
  if (signal !== 'SIGKILL') throw new Error(`the process ended otherwise than it was told: ${said}`);
}

const tagsOf = (house: House) => ticketsAbout(house, 'api')[0]?.tags.toSorted();

describe.concurrent('an operator clicks, and the process that files dies', () => {
  test.each<Moment>([
    'while the request is answered',
    'before the id is recorded',
    'before the tags are set',
    'before the tags are recorded',
  ])(
    '%s',
    async (moment) => {
      const house = await openClickHouse(IN_DOUBT);
      house.desk.control.faults.add({ kind: 'delay', delay_ms: 800, ...POSTS });
      await dies(house, 'click', moment);
      const next = house.process();
      await eventually(async () => expect(await auditAbout(house, 'api')).toHaveLength(1));
      expect(tagsOf(house)).toStrictEqual(['auto:status', 'auto:status:api']);
      expect(await filed(next.investigate('api', 'sam'))).toMatchObject({ idempotent: true });
      expect(await auditAbout(house, 'api')).toMatchObject([
        { actor: 'olga', payload: { idempotent: false } },
        { actor: 'sam', payload: { idempotent: true } },
      ]);
      expect(ticketsAbout(house, 'api')).toHaveLength(1);
      expect(postsAbout(house, 'api')).toBe(1);
      await house.close();
    },
    TIMEOUT_MS,
  );

  test(
    'before the request leaves: nothing is filed behind the operator’s back, and the next click files once',
    async () => {
      const house = await openClickHouse(IN_DOUBT);
      await dies(house, 'click', 'before the request leaves');
      const next = house.process();
      await eventually(async () => {
        const { rows } = await house.pool.query('select phase from filings');
        expect(rows).toStrictEqual([{ phase: 'withdrawn' }]);
      });
      expect(postsAbout(house, 'api')).toBe(0);
      expect(await filed(next.investigate('api', 'sam'))).toMatchObject({ idempotent: false });
      expect(await auditAbout(house, 'api')).toMatchObject([{ actor: 'sam', payload: { idempotent: false } }]);
      expect(ticketsAbout(house, 'api')).toHaveLength(1);
      await house.close();
    },
    TIMEOUT_MS,
  );
});

describe.concurrent('an alert fires, and the process that files dies', () => {
  test.each<Moment>(['before the request leaves', 'before the id is recorded', 'before the tags are set'])(
    '%s',
    async (moment) => {
      const house = await openHouse(IN_DOUBT);
      await dies(house, 'alert', moment);
      const next = house.process();
      if (moment === 'before the request leaves') await triesAgain(house, next);
      const audit = () => house.audit('console.alerts.ticket_filed');
      await eventually(async () => expect(await audit()).toHaveLength(1));
      await next.check('api', 'down', 'down');
      expect(tagsOf(house)).toStrictEqual(['auto:alert', 'auto:alert:status_poller']);
      expect(ticketsAbout(house, 'api')).toHaveLength(1);
      expect(postsAbout(house, 'api')).toBe(1);
      expect(await audit()).toHaveLength(1);
      await eventually(() => expect(house.openings()).toHaveLength(1));
      await house.close();
    },
    TIMEOUT_MS,
  );
});

/** Says what the help desk's actor says within 30 s: it is your turn. */
async function triesAgain(house: House, next: Process): Promise<void> {
  const to = await eventually(async () => {
    const { rows } = await house.pool.query<{ id: string }>(
      "select id from actors where kind = 'alert' and state->>'ticket' = 'waiting'",
    );
    expect(rows).toHaveLength(1);
    return rows[0]?.id ?? '';
  });
  await next.deliver([{ to, event: { type: 'TRY', probe: true } }]);
}
