import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { checkFreeScout } from '../../../src/commands/doctor/freescout.ts';
import type { Config } from '../../../src/config/config.ts';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../../src/sandbox/freescout/sandboxFreeScout.ts';
import { aConversation, aPage } from '../../tickets/freescout/fixtures.ts';

const KEY = 'key-0123456789abcdef';
let desk: SandboxFreeScout;
beforeEach(async () => {
  desk = await startSandboxFreeScout({ apiKey: KEY });
  onTestFinished(() => desk.stop());
});

async function check(change: Partial<Config['freescout']> = {}, production = true) {
  const settings = {
    baseUrl: desk.url,
    apiKey: KEY,
    operationsMailboxId: desk.operationsMailboxId,
    supportMailboxId: desk.supportMailboxId,
    botEmail: 'console-bot@console.example.com',
    userId: null,
    webhookSecret: null,
    timeoutMs: 10_000,
    inDoubtSeconds: 5,
    concurrency: 2,
    ...change,
  };
  const findings = await checkFreeScout(settings, production);
  return {
    warned: findings.filter(({ state }) => state === 'WARN').map((finding) => finding.check),
    failed: findings.filter(({ state }) => state === 'FAIL').map((finding) => finding.check),
    says: Object.fromEntries(findings.map((finding) => [finding.check, finding.says])),
  };
}

it('a working FreeScout passes all checks, and no ticket is filed', async () => {
  const { failed, says } = await check();
  expect(failed).toEqual([]);
  expect(says['operations mailbox']).toContain('2 "Operations" exists. Mailboxes are checked in the list, because');
  expect(says['author of notes']).toContain('user 1, the first that FreeScout lists');
  expect(desk.state.tickets).toEqual([]);
  expect(new Set(desk.state.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
});

it('a refused key fails while the address is ok', async () => {
  const { failed, says } = await check({ apiKey: 'another-key' });
  expect(failed).toEqual(['FreeScout key']);
  expect(says['FreeScout key']).toMatch(/401.*FREESCOUT_API_KEY/);
});

it('a missing operations mailbox fails and names the existing mailboxes', async () => {
  desk.control.switches.set('mailbox_deleted', true);
  const { failed, says } = await check();
  expect(failed).toEqual(['operations mailbox']);
  expect(says['operations mailbox']).toContain('lists no mailbox 2, only 1 "Support"');
});

it.each<[string, Partial<Config['freescout']>, string]>([
  ['no operations mailbox is set', { operationsMailboxId: null }, 'operations mailbox'],
  ['the support mailbox does not exist', { supportMailboxId: 99 }, 'support mailbox'],
  ['both mailboxes are the same', { supportMailboxId: 2 }, 'support mailbox'],
  ["the bot has a mailbox's own address", { botEmail: 'Operations@desk.example' }, 'bot address'],
  ['the author of notes does not exist', { userId: 77 }, 'author of notes'],
  ['no key is set', { apiKey: null }, 'FreeScout key'],
  ['no address is set in production', { baseUrl: null }, 'FreeScout address'],
])('if %s, only one check fails', async (_, change, failing) => {
  expect((await check(change)).failed).toEqual([failing]);
});

it.each([
  ['closed', ['API module']],
  ['pending', []],
])('if the list of open tickets contains a %s one, the checks that warn are %j', async (status, warned) => {
  const body = JSON.stringify(aPage('conversations', [aConversation({ status })]));
  desk.control.faults.add({ kind: 'status', status: 200, path: '/api/conversations', body });
  const found = await check();
  expect([found.failed, found.warned]).toEqual([[], warned]);
  expect(found.says['API module']).toMatch(
    warned.length > 0 ? /update the API & Webhooks module to 1\.0\.77/ : /only open/,
  );
});

it('an inactive Tags module fails', async () => {
  desk.control.switches.set('tags_module', false);
  const { failed, says } = await check();
  expect(failed).toEqual(['Tags module']);
  expect(says['Tags module']).toContain('No ticket is filed without tags');
});

it.each([
  ['is down', { kind: 'status', status: 503 }, /503.*maintenance mode/],
  ['limits requests', { kind: 'status', status: 429 }, /429.*FREESCOUT_CONCURRENCY/],
  ['is behind something that answers 418', { kind: 'status', status: 418 }, /418.*FREESCOUT_BASE_URL/],
  ['hangs', { kind: 'hang' }, /ETIMEDOUT.*firewall/],
  ['resets connections', { kind: 'reset' }, /ECONNRESET.*FREESCOUT_BASE_URL/],
  ['answers with a web page', { kind: 'html200' }, /a web page.*FREESCOUT_BASE_URL/],
] as const)('if FreeScout %s, its address fails with what to do', async (_, fault, sentence) => {
  desk.control.faults.add(fault);
  const { failed, says } = await check(fault.kind === 'hang' ? { timeoutMs: 500 } : {});
  expect(failed).toEqual(['FreeScout address']);
  expect(says['FreeScout address']).toMatch(sentence);
});

it.each([
  ['a port where nothing listens', 'http://127.0.0.1:1', /ECONNREFUSED.*FREESCOUT_BASE_URL/],
  ['https where the server speaks http', 'https', /http:\/\/ or https:\/\//],
])('the finding for %s says what to do', async (_, address, sentence) => {
  const baseUrl = address === 'https' ? desk.url.replace('http:', 'https:') : address;
  expect((await check({ baseUrl })).says['FreeScout address']).toMatch(sentence);
});

it('a 401 that is not from FreeScout names the address, not only the key', async () => {
  desk.control.faults.add({ kind: 'status', status: 401, body: '<h1>Sign in</h1>' });
  const { says } = await check();
  expect(says['FreeScout key']).toMatch(/FREESCOUT_BASE_URL leads to FreeScout/);
});

it('without a configured FreeScout outside production, the sandbox is reported', async () => {
  const { failed, says } = await check({ baseUrl: null }, false);
  expect(failed).toEqual([]);
  expect(says['FreeScout address']).toContain('the program uses a sandbox');
});
