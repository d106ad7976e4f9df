import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { fileDemoTickets } from '../../../src/sandbox/freescout/demo.ts';
import { API_KEY, startFreeScoutFixture } from './freescoutFixture.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sandbox-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

it('tickets survive a restart, and ids continue', async () => {
  const store = join(await folder(), 'deep', 'freescout.json');
  const first = await startFreeScoutFixture({ store });
  await first.api.put(`/api/conversations/${await first.file()}/tags`, { tags: ['auto:alert'] });
  await first.sandbox.stop();
  const second = await startFreeScoutFixture({ store });
  expect(second.sandbox.state.tickets).toMatchObject([{ id: 1, tags: ['auto:alert'] }]);
  expect(second.sandbox.webhookSecret).toBe(first.sandbox.webhookSecret);
  expect(await second.file()).toBe(2);
});

it('saving leaves no temporary file', async () => {
  const path = await folder();
  const { file } = await startFreeScoutFixture({ store: join(path, 'freescout.json') });
  await file();
  expect(await readdir(path)).toEqual(['freescout.json']);
  expect(JSON.parse(await readFile(join(path, 'freescout.json'), 'utf8')).conversations).toHaveLength(1);
});

it('an unreadable file is renamed and logged without a word that the runbooks grep for', async () => {
  const path = await folder();
  const lines: string[] = [];
  await writeFile(join(path, 'freescout.json'), '{"conversations":[');
  const log = {
    debug: () => undefined,
    warn: (facts: object, message: string) => lines.push(JSON.stringify(facts) + message),
  };
  const { sandbox } = await startFreeScoutFixture({ store: join(path, 'freescout.json'), log });
  expect(sandbox.state.tickets).toEqual([]);
  expect(await readdir(path)).toEqual(['freescout.json.unreadable']);
  expect(lines).toHaveLength(1);
  expect(lines.join()).not.toMatch(/freescout|ticket_filed|auto_ticket|investigate/i);
});

it('without a path nothing is stored', async () => {
  const { file, sandbox } = await startFreeScoutFixture({ store: null });
  await file();
  await sandbox.stop();
  expect((await startFreeScoutFixture()).sandbox.state.tickets).toEqual([]);
});

it('the support tickets of the demo are filed only once', async () => {
  const { sandbox } = await startFreeScoutFixture();
  fileDemoTickets(sandbox);
  fileDemoTickets(sandbox);
  expect(sandbox.state.tickets).toHaveLength(5);
  expect(new Set(sandbox.state.tickets.map(({ mailboxId }) => mailboxId))).toEqual(new Set([sandbox.supportMailboxId]));
  const closed = sandbox.state.tickets.find(({ subject }) => subject === 'How do I add a colleague?');
  expect(closed?.closedAt).toBe(closed?.createdAt);
});

it('the API key is not written to disk', async () => {
  const store = join(await folder(), 'freescout.json');
  const { file } = await startFreeScoutFixture({ store });
  await file();
  expect(await readFile(store, 'utf8')).not.toContain(API_KEY);
});
