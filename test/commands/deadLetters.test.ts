import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { run } from './run.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate effects; delete from graphile_worker._private_jobs');
  await bury('alert:poller:1:7:dm', 'alert:poller:1', '2026-11-22T06:00:00Z');
  await bury('surface:api:9:chore', 'surface:api', '2026-11-22T05:00:00Z');
});

async function bury(id: string, actorId: string, at: string): Promise<void> {
  await database.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, attempts, error, finished_at)
     values ($1, $2, 'dm', 'sendDm', '{}', 'dead', 12, $3, $4)`,
    [id, actorId, JSON.stringify({ message: 'Slack said\u001b[31m no.' }), at],
  );
}

const command = (...args: string[]) => run(['dead-letters', ...args], { DATABASE_URL: database.url });

async function jobs(): Promise<unknown[]> {
  const { rows } = await database.pool.query('select key, task_identifier from graphile_worker.jobs order by key');
  return rows;
}

it('lists them, newest first, with the reason and nothing that a terminal obeys', async () => {
  const { out } = await command('list');
  expect(out).toEqual([
    'alert:poller:1:7:dm\n  sendDm, 12 tries, given up 2026-11-22 06:00:00 UTC, other: Slack said [31m no.',
    'surface:api:9:chore\n  sendDm, 12 tries, given up 2026-11-22 05:00:00 UTC, other: Slack said [31m no.',
  ]);
});

it('lists them as JSON', async () => {
  const { out } = await command('list', '--json');
  expect(JSON.parse(out.join('\n'))).toMatchObject([{ id: 'alert:poller:1:7:dm' }, { actor_id: 'surface:api' }]);
});

it('lists more than one page', async () => {
  for (let n = 0; n < 250; n += 1) await bury(`alert:many:${n}`, `alert:many:${n}`, '2026-11-22T04:00:00Z');
  expect((await command('list')).out).toHaveLength(252);
});

it('puts those that are named back to work, as the queue of their kind wants it, and audits it', async () => {
  expect(await command('replay', 'alert:poller:1:7:dm', 'surface:api:9:chore')).toMatchObject({
    out: ['2 dead letters put back to work.'],
    failure: null,
  });
  expect(await jobs()).toEqual([
    { key: 'effect:alert:poller:1:7:dm', task_identifier: 'effect' },
    { key: 'effect:surface:api:9:chore', task_identifier: 'urgent_effect' },
  ]);
  const { rows } = await database.pool.query(
    "select payload, actor from audit_log where action = 'console.dead_letters.replayed' order by id desc limit 2",
  );
  expect(rows[1]).toEqual({ payload: { effect_id: 'alert:poller:1:7:dm' }, actor: 'command line' });
  expect((await command('list')).out).toEqual(['There are no dead letters.']);
});

it('puts every one back to work', async () => {
  expect((await command('replay', '--all', '--count', '2')).out).toEqual(['2 dead letters put back to work.']);
  expect((await command('replay', '--all')).out).toEqual(['0 dead letters fit. To replay them, add --count 0.']);
  expect(await jobs()).toHaveLength(2);
});

it('asks the count back before it puts many to work, and does nothing where it is another', async () => {
  expect((await command('replay', '--kind', 'message')).out).toEqual([
    '2 dead letters fit. To replay them, add --count 2.',
  ]);
  expect(await command('replay', '--reason', 'other', '--count', '3')).toMatchObject({
    failure: '2 dead letters fit now, not 3: look at them again.',
  });
  expect(await jobs()).toHaveLength(0);
});

it('shows one with its payload, stores another from a file, and discards it with a reason', async () => {
  const input = { id: 'dm:1', thread: 't', kind: 'opened', source: 'poller', body: { title: 'Truoble' } };
  await database.pool.query('update effects set input = $1', [JSON.stringify(input)]);
  const { payload } = JSON.parse((await command('show', 'alert:poller:1:7:dm')).out.join('\n'));
  expect(payload).toEqual(input);
  const file = join(await mkdtemp(join(tmpdir(), 'letter-')), 'payload.json');
  await writeFile(file, JSON.stringify({ ...input, kind: 'resolved' }));
  expect(await command('edit', 'alert:poller:1:7:dm', file)).toMatchObject({
    failure: 'payload.kind: This must stay as it is.',
  });
  await writeFile(file, JSON.stringify({ ...input, body: { title: 'Trouble' } }));
  expect(await command('edit', 'alert:poller:1:7:dm', file)).toMatchObject({ failure: null });
  const shown = JSON.parse((await command('show', 'alert:poller:1:7:dm')).out.join('\n'));
  expect(shown).toMatchObject({ edited: true, payload: { body: { title: 'Trouble' } } });
  await writeFile(file, '{');
  expect((await command('edit', 'alert:poller:1:7:dm', file)).failure).toMatch(/^This is not JSON/);

  expect((await command('discard', 'alert:poller:1:7:dm', '--reason', 'long over')).out).toEqual(['Discarded.']);
  expect((await command('discard', 'alert:poller:1:7:dm', '--reason', 'again')).failure).toMatch(/There is no/);
  const { rows } = await database.pool.query(
    "select action, payload->>'reason' as reason from audit_log where action like '%.edited' or action like '%.discarded'",
  );
  expect(rows).toEqual([
    { action: 'console.dead_letters.edited', reason: null },
    { action: 'console.dead_letters.discarded', reason: 'long over' },
  ]);
});

it('says which ids are none, and still does the others', async () => {
  expect(await command('replay', 'surface:api:9:chore', 'alert:nobody:1:dm')).toMatchObject({
    out: ['1 dead letter put back to work.'],
    failure: 'There is no dead letter alert:nobody:1:dm.',
  });
});
