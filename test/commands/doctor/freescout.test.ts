import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { checkFreeScout } from '../../../src/commands/doctor/freescout.ts';
import type { Config } from '../../../src/config/config.ts';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../../src/sandbox/freescout/sandboxFreeScout.ts';

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
    failed: findings.filter(({ state }) => state === 'FAIL').map((finding) => finding.check),
    says: Object.fromEntries(findings.map((finding) => [finding.check, finding.says])),
  };
}

it('finds nothing wrong with a help desk that is well, and files nothing', async () => {
  const { failed, says } = await check();
  expect(failed).toEqual([]);
  expect(says['operations mailbox']).toContain('2 "Operations" is there. It was looked for in the list, because');
  expect(says['author of notes']).toContain('user 1, the first that FreeScout lists');
  expect(desk.state.tickets).toEqual([]);
  expect(new Set(desk.state.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
});

it('says that the key is refused, and that the address is right', async () => {
  const { failed, says } = await check({ apiKey: 'another-key' });
  expect(failed).toEqual(['FreeScout key']);
  expect(says['FreeScout key']).toMatch(/401.*FREESCOUT_API_KEY/);
});

it('names the mailboxes that there are when the operations mailbox is not among them', async () => {
  desk.control.switches.set('mailbox_deleted', true);
  const { failed, says } = await check();
  expect(failed).toEqual(['operations mailbox']);
  expect(says['operations mailbox']).toContain('lists no mailbox 2, but 1 "Support"');
});

describe.each<[string, Partial<Config['freescout']>, string]>([
  ['no operations mailbox is set', { operationsMailboxId: null }, 'operations mailbox'],
  ['the support mailbox is not there', { supportMailboxId: 99 }, 'support mailbox'],
  ['both mailboxes are one', { supportMailboxId: 2 }, 'support mailbox'],
  ["the bot has a mailbox's own address", { botEmail: 'Operations@desk.example' }, 'bot address'],
  ['the author of notes is nobody', { userId: 77 }, 'author of notes'],
  ['no key is set', { apiKey: null }, 'FreeScout key'],
  ['no address is set in production', { baseUrl: null }, 'FreeScout address'],
])('where %s', (_, change, failing) => {
  it(`${failing} fails`, async () => {
    expect((await check(change)).failed).toEqual([failing]);
  });
});

it('says that the Tags module is off', async () => {
  desk.control.switches.set('tags_module', false);
  const { failed, says } = await check();
  expect(failed).toEqual(['Tags module']);
  expect(says['Tags module']).toContain('Without tags nothing is filed');
});

describe.each([
  ['down', { kind: 'status', status: 503 }, '503'],
  ['hanging', { kind: 'hang' }, 'ETIMEDOUT'],
  ['resetting', { kind: 'reset' }, 'ECONNRESET'],
  ['a sign-in page', { kind: 'html200' }, 'a web page'],
] as const)('a help desk that is %s', (_, fault, word) => {
  it('is one line that fails', async () => {
    desk.control.faults.add(fault);
    const { failed, says } = await check(fault.kind === 'hang' ? { timeoutMs: 500 } : {});
    expect(failed).toEqual(['FreeScout address']);
    expect(says['FreeScout address']).toContain(word);
  });
});

it('is not asked where a sandbox stands in', async () => {
  const { failed, says } = await check({ baseUrl: null }, false);
  expect(failed).toEqual([]);
  expect(says['FreeScout address']).toContain('a sandbox stands in');
});
