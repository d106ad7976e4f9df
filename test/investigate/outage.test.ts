import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { FaultSpec } from '../../src/sandbox/faultSwitches.ts';
import {
  auditAbout,
  type Environment,
  filed,
  POSTS,
  type Process,
  refusal,
  reportChecks,
  SEARCHES,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';

/** While FreeScout fails, the operator gets the reason and nothing is filed later. */

let environment: Environment;
let one: Process;
beforeAll(async () => {
  environment = await startClickEnvironment({ FREESCOUT_TIMEOUT_MS: '2000' });
  one = environment.process();
});
afterAll(() => environment.close());
afterEach(async () => {
  environment.desk.control.faults.clear();
  const { switches } = environment.desk.control;
  for (const name of Object.keys(switches.all())) switches.set(name, name === 'tags_module');
  await expectNothingFiledLater();
});

const surfaces: string[] = [];

/** FreeScout works again and all pending work is done: no refused click may get a ticket now. */
async function expectNothingFiledLater() {
  await environment.hurry('effect:%');
  await environment.settled();
  expect(surfaces.flatMap((id) => ticketsAbout(environment, id))).toHaveLength(0);
  const { rows } = await environment.pool.query("select id from filings where phase in ('planned', 'attempting')");
  expect(rows).toHaveLength(0);
}

async function refusedClick(process: Process = one) {
  const id = `s-${surfaces.length}`;
  surfaces.push(id);
  await reportChecks(process, id, 'up', 'down');
  const answer = await refusal(process.investigate(id, 'olga'));
  expect(Object.keys(answer).toSorted()).toStrictEqual(['degraded', 'message', 'reason', 'status', 'surface_id']);
  expect(answer).toMatchObject({ surface_id: id, status: 'DOWN', degraded: true });
  expect(answer.message).toMatch(/^[A-Z].*\.$/);
  expect(ticketsAbout(environment, id)).toHaveLength(0);
  return answer.reason;
}

const breaks = (fault: FaultSpec) => environment.desk.control.faults.add(fault);

test.each([
  ['answers 500 to everything', { kind: 'status', status: 500 }],
  ['answers 503 to everything', { kind: 'status', status: 503 }],
  ['is slower than we wait', { kind: 'delay', delay_ms: 4_000 }],
  ['never answers', { kind: 'hang' }],
  ['cuts every connection', { kind: 'reset' }],
  ['answers web pages', { kind: 'html200' }],
  ['answers JSON of another shape', { kind: 'rubbish200' }],
  ['answers JSON that ends too early', { kind: 'bad_json' }],
  ['asks to wait', { kind: 'retry_after', retry_after: 60 }],
  ['sends us elsewhere', { kind: 'redirect' }],
] satisfies [string, FaultSpec][])('FreeScout that %s is freescout_unavailable', async (_, fault) => {
  breaks(fault);
  expect(await refusedClick()).toBe('freescout_unavailable');
});

test.each([
  ['429', 'freescout_unavailable', { kind: 'retry_after' }],
  ['413', 'freescout_unavailable', { kind: 'status', status: 413 }],
  ['401', 'freescout_unauthorized', { kind: 'status', status: 401 }],
  ['403', 'freescout_forbidden', { kind: 'status', status: 403 }],
  ['a redirect', 'freescout_unavailable', { kind: 'redirect' }],
] satisfies [string, string, FaultSpec][])(
  'FreeScout that answers only the new ticket with %s is %s, and nothing is in doubt',
  async (_, reason, fault) => {
    breaks({ ...fault, ...POSTS });
    expect(await refusedClick()).toBe(reason);
    const { rows } = await environment.pool.query("select 1 from filings where phase in ('planned', 'attempting')");
    expect(rows).toHaveLength(0);
  },
);

test('FreeScout where nothing listens is freescout_unavailable', async () => {
  const process = environment.process(desk({ baseUrl: 'http://127.0.0.1:9' }));
  expect(await refusedClickOf(process)).toBe('freescout_unavailable');
});

test('a key that FreeScout does not know is freescout_unauthorized', async () => {
  environment.desk.control.switches.set('wrong_key', true);
  expect(await refusedClick()).toBe('freescout_unauthorized');
});

test('a host that FreeScout does not trust is freescout_forbidden', async () => {
  breaks({ kind: 'status', status: 403 });
  expect(await refusedClick()).toBe('freescout_forbidden');
});

test('a mailbox that was deleted is mailbox_not_found', async () => {
  environment.desk.control.switches.set('mailbox_deleted', true);
  expect(await refusedClick()).toBe('mailbox_not_found');
});

test('the Tags module switched off is tags_unavailable', async () => {
  environment.desk.control.switches.set('tags_module', false);
  const process = environment.process();
  expect(await refusedClickOf(process)).toBe('tags_unavailable');
});

test.each([
  ['the address', { baseUrl: null }],
  ['the key', { apiKey: null }],
  ['the mailbox', { operationsMailboxId: null }],
] satisfies [string, Partial<Config['freescout']>][])('%s that is unset is not_configured', async (_, unset) => {
  expect(await refusedClickOf(environment.process(desk(unset)))).toBe('not_configured');
});

test('fifty clicks while FreeScout is down all get its reason, and none is audited as filed', async () => {
  breaks({ kind: 'status', status: 502 });
  await reportChecks(one, 'crowd', 'up', 'down');
  const answers = await Promise.all(Array.from({ length: 50 }, () => refusal(one.investigate('crowd', 'olga'))));
  expect(new Set(answers.map(({ reason }) => reason))).toStrictEqual(new Set(['freescout_unavailable']));
  expect(await auditAbout(environment, 'crowd')).toHaveLength(0);
});

test('a wrong author of notes does not prevent a ticket', async () => {
  await one.stop();
  one = environment.process(desk({ userId: 999 }));
  await reportChecks(one, 'anonymous', 'up', 'down');
  expect(await filed(one.investigate('anonymous', 'olga'))).toMatchObject({ idempotent: false });
});

test('a failed search posts nothing, and the next click files after FreeScout has recovered', async () => {
  breaks({ kind: 'status', status: 500, ...SEARCHES });
  await reportChecks(one, 'search', 'up', 'down');
  expect(await refusal(one.investigate('search', 'olga'))).toMatchObject({ reason: 'freescout_unavailable' });
  environment.desk.control.faults.clear();
  expect(await filed(one.investigate('search', 'olga'))).toMatchObject({ idempotent: false });
});

const desk = (changes: Partial<Config['freescout']>) => ({
  freescout: { ...environment.config.freescout, ...changes },
});

/** A click that only this process can file. */
async function refusedClickOf(process: Process) {
  await one.stop();
  try {
    return await refusedClick(process);
  } finally {
    await process.stop();
    one = environment.process();
  }
}
