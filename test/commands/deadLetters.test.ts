import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { run } from './run.ts';

const DM = 'alert:poller:1:7:dm';
const NOTE = 'surface:api:9:chore';

let database: TestDatabase;
let lastAuditId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate effects; delete from graphile_worker._private_jobs');
  const { rows } = await database.pool.query('select coalesce(max(id), 0) as last from audit_log');
  lastAuditId = rows[0].last;
  await insertDeadLetter(DM, 'alert:poller:1', '2026-11-22T06:00:00Z');
  await insertDeadLetter(NOTE, 'surface:api', '2026-11-22T05:00:00Z');
});

async function insertDeadLetter(id: string, actorId: string, at: string): Promise<void> {
  await database.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, attempts, error, finished_at)
     values ($1, $2, 'dm', 'sendDm', '{}', 'dead', 12, $3, $4)`,
    [id, actorId, JSON.stringify({ message: 'Slack said\u001b[31m no.' }), at],
  );
}

const command = (...args: string[]) => run(['dead-letters', ...args], { DATABASE_URL: database.url });

async function queuedJobs(): Promise<unknown[]> {
  const { rows } = await database.pool.query('select key, task_identifier from graphile_worker.jobs order by key');
  return rows;
}

/** The audit rows of this test; the log is append-only. */
async function auditRows(): Promise<unknown[]> {
  const { rows } = await database.pool.query('select action, payload, actor from audit_log where id > $1 order by id', [
    lastAuditId,
  ]);
  return rows;
}

/** The content of a file that `edit` reads. */
async function payloadFile(content: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-payload-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'payload.json'), content);
  return join(dir, 'payload.json');
}

const INPUT = { id: 'dm:1', thread: 't', kind: 'opened', source: 'poller', body: { title: 'Truoble' } };
const storeInput = () => database.pool.query('update effects set input = $1', [JSON.stringify(INPUT)]);
const show = async () => JSON.parse((await command('show', DM)).out.join('\n'));

it('dead-letters list prints the newest first, with the reason and without control characters', async () => {
  const { out } = await command('list');
  expect(out).toEqual([
    `${DM}\n  sendDm, 12 attempts, failed at 2026-11-22 06:00:00 UTC, other: Slack said [31m no.`,
    `${NOTE}\n  sendDm, 12 attempts, failed at 2026-11-22 05:00:00 UTC, other: Slack said [31m no.`,
  ]);
});

it('dead-letters list says so if there are none', async () => {
  await database.pool.query('truncate effects');
  expect((await command('list')).out).toEqual(['No dead letters.']);
});

it('dead-letters list --json prints the rows as JSON', async () => {
  const { out } = await command('list', '--json');
  expect(JSON.parse(out.join('\n'))).toMatchObject([{ id: DM }, { actor_id: 'surface:api' }]);
});

it('dead-letters show writes characters that a terminal obeys or does not show as escapes', async () => {
  const error = { message: 'cleared\u009b2J and reversed\u202e' };
  await database.pool.query('update effects set error = $2 where id = $1', [DM, JSON.stringify(error)]);
  const text = (await command('show', DM)).out.join('\n');
  expect(text).not.toMatch(/[\u007f-\u009f\u202e]/u);
  expect(JSON.parse(text)).toMatchObject({ error });
});

it('dead-letters list prints more than one page', async () => {
  for (let n = 0; n < 250; n += 1) await insertDeadLetter(`alert:many:${n}`, `alert:many:${n}`, '2026-11-22T04:00:00Z');
  expect((await command('list')).out).toHaveLength(252);
});

it('dead-letters replay with ids queues each, urgent for nobody, and audits it', async () => {
  expect(await command('replay', DM, NOTE)).toMatchObject({
    out: ['2 dead letters queued for replay.'],
    failure: null,
  });
  expect(await queuedJobs()).toEqual([
    { key: `effect:${DM}`, task_identifier: 'effect' },
    { key: `effect:${NOTE}`, task_identifier: 'effect' },
  ]);
  const action = 'console.dead_letters.replayed';
  expect(await auditRows()).toEqual([
    { action, payload: { effect_id: DM }, actor: 'command line' },
    { action, payload: { effect_id: NOTE }, actor: 'command line' },
  ]);
  expect((await command('list')).out).toEqual(['No dead letters.']);
});

it('dead-letters replay --all --count queues all if their number is right', async () => {
  expect((await command('replay', '--all', '--count', '2')).out).toEqual(['2 dead letters queued for replay.']);
  expect((await command('replay', '--all')).out).toEqual(['No dead letters match.']);
  expect(await queuedJobs()).toHaveLength(2);
});

it('dead-letters replay with a filter and no --count prints the number and queues nothing', async () => {
  expect((await command('replay', '--kind', 'message')).out).toEqual([
    '2 dead letters match. To replay, add --count 2.',
  ]);
  expect(await queuedJobs()).toHaveLength(0);
});

it('dead-letters replay with another --count than matches queues nothing', async () => {
  expect(await command('replay', '--reason', 'other', '--count', '3')).toMatchObject({
    failure: '2 dead letters match now, not 3. Review them again.',
  });
  expect(await queuedJobs()).toHaveLength(0);
});

it('dead-letters replay names unknown ids and queues the others', async () => {
  expect(await command('replay', NOTE, 'alert:nobody:1:dm')).toMatchObject({
    out: ['1 dead letter queued for replay.'],
    failure: 'There is no dead letter alert:nobody:1:dm.',
  });
});

it('dead-letters show prints the payload', async () => {
  await storeInput();
  expect((await show()).payload).toEqual(INPUT);
});

it('dead-letters edit stores a changed payload and audits it', async () => {
  await storeInput();
  const file = await payloadFile(JSON.stringify({ ...INPUT, body: { title: 'Trouble' } }));
  expect(await command('edit', DM, file)).toMatchObject({ failure: null });
  expect(await show()).toMatchObject({ edited: true, payload: { body: { title: 'Trouble' } } });
  expect(await auditRows()).toMatchObject([{ action: 'console.dead_letters.edited' }]);
});

it('dead-letters edit refuses to change what a payload is about', async () => {
  await storeInput();
  const file = await payloadFile(JSON.stringify({ ...INPUT, kind: 'resolved' }));
  expect(await command('edit', DM, file)).toMatchObject({ failure: 'payload.kind: This must stay as it is.' });
});

it('dead-letters edit refuses a file that is not JSON', async () => {
  expect((await command('edit', DM, await payloadFile('{'))).failure).toMatch(/^The payload is not valid JSON: /);
});

it('dead-letters discard removes a dead letter and audits the reason', async () => {
  expect((await command('discard', DM, '--reason', 'long over')).out).toEqual(['Discarded.']);
  expect((await command('discard', DM, '--reason', 'again')).failure).toBe(`There is no dead letter ${DM}.`);
  expect(await auditRows()).toMatchObject([
    { action: 'console.dead_letters.discarded', payload: { reason: 'long over' } },
  ]);
});
