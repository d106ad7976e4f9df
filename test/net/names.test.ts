import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNames, type NamesOptions } from '../../src/net/names.ts';
import { createSystemNames } from '../../src/net/systemNames.ts';
import { eventually } from '../support/eventually.ts';
import { bareSystem, type NameServer, startNameServer } from '../support/nameServer.ts';

let server: NameServer;
const folder = mkdtempSync(join(tmpdir(), 'names-'));

beforeAll(async () => {
  server = await startNameServer({});
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Each test has names of its own, so that it depends on no other. */
const namesWith = (options: NamesOptions = {}) =>
  createNames({ servers: [server.address], system: bareSystem(), ...options });
const askedFor = (name: string) => server.asked.filter((query) => query.startsWith(`${name} `)).sort();
const fileOf = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const V4 = (address: string) => ({ address, family: 4 });
const V6 = (address: string) => ({ address, family: 6 });

describe('resolving a name', () => {
  it('returns the addresses of both families, those of IPv4 first', async () => {
    server.zone['both.example'] = { a: ['192.0.2.1', '192.0.2.2'], aaaa: ['2001:db8::1'] };
    expect(await namesWith().resolve('Both.Example')).toEqual([V4('192.0.2.1'), V4('192.0.2.2'), V6('2001:db8::1')]);
  });

  it.each(['192.0.2.7', '2001:db8::7'])('returns the address %s as it is, without a query', async (address) => {
    expect(await namesWith().resolve(address)).toEqual([{ address, family: address.includes(':') ? 6 : 4 }]);
    expect(askedFor(address)).toEqual([]);
  });

  it('uses the hosts file and knows localhost, without a query', async () => {
    const hostsFile = fileOf('hosts', '# comment\n192.0.2.9  desk.internal desk # ours\n2001:db8::9 desk\n');
    const names = namesWith({ system: createSystemNames({ hostsFile, resolvFile: '/nonexistent' }) });
    expect(await names.resolve('desk')).toEqual([V4('192.0.2.9'), V6('2001:db8::9')]);
    expect(await names.resolve('Desk.internal')).toEqual([V4('192.0.2.9')]);
    expect(await names.resolve('localhost')).toEqual([V4('127.0.0.1'), V6('::1')]);
  });

  it('tries the search domains of the system for a short name', async () => {
    server.zone['desk.tickets.example'] = { a: ['192.0.2.3'] };
    const resolvFile = fileOf('resolv.conf', 'search other.example tickets.example\noptions ndots:2\n');
    const names = namesWith({ system: createSystemNames({ hostsFile: '/nonexistent', resolvFile }) });
    expect(await names.resolve('desk')).toEqual([V4('192.0.2.3')]);
    await expect(names.resolve('desk.')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('asks once for callers at the same time, and again only after the TTL', async () => {
    server.zone['shared.example'] = { a: ['192.0.2.4'], ttl: 30 };
    let clock = 0;
    const names = namesWith({ now: () => clock });
    await Promise.all(Array.from({ length: 50 }, () => names.resolve('shared.example')));
    clock = 29_000;
    await names.resolve('shared.example');
    expect(askedFor('shared.example')).toEqual(['shared.example a', 'shared.example aaaa']);
    server.zone['shared.example'] = { a: ['192.0.2.5'] };
    clock = 31_000;
    expect(await names.resolve('shared.example')).toEqual([V4('192.0.2.5')]);
  });

  it('returns the addresses of IPv4 where queries for IPv6 get no answer', async () => {
    server.zone['half.example'] = { a: ['192.0.2.6'], silentTypes: ['aaaa'] };
    expect(await namesWith().resolve('half.example')).toEqual([V4('192.0.2.6')]);
  });

  it('returns the addresses of IPv6 where queries for IPv4 get no answer', async () => {
    server.zone['other-half.example'] = { aaaa: ['2001:db8::6'], silentTypes: ['a'] };
    expect(await namesWith().resolve('other-half.example')).toEqual([V6('2001:db8::6')]);
  });

  it('keeps the addresses of IPv4 for ten minutes while only queries for IPv6 are answered', async () => {
    const name = 'lossy.example';
    server.zone[name] = { a: ['192.0.2.20'], aaaa: ['2001:db8::20'], ttl: 10 };
    let clock = 0;
    const names = namesWith({ now: () => clock });
    await names.resolve(name);
    clock = 11_000;
    server.zone[name] = { aaaa: ['2001:db8::21'], silentTypes: ['a'] };
    expect(await names.resolve(name)).toEqual([V4('192.0.2.20'), V6('2001:db8::20')]);
    await eventually(() => expect(names.isResolving(name)).toBe(false));
    expect(await names.resolve(name)).toEqual([V4('192.0.2.20'), V6('2001:db8::21')]);
    clock = 610_001;
    expect(await names.resolve(name)).toEqual([V6('2001:db8::21')]);
  });

  it('accepts an answer that comes after the first query was repeated', async () => {
    server.zone['slow.example'] = { a: ['192.0.2.8'], lateMs: 1_500 };
    expect(await namesWith().resolve('slow.example')).toEqual([V4('192.0.2.8')]);
  });
});

describe('a name that cannot be resolved', () => {
  it('fails at once where it does not exist, and is not asked for again for a few seconds', async () => {
    let clock = 0;
    const names = namesWith({ now: () => clock });
    const failure = {
      code: 'ENOTFOUND',
      message: 'the name gone.example could not be resolved: it does not exist or has no address',
    };
    await expect(names.resolve('gone.example')).rejects.toMatchObject(failure);
    server.zone['gone.example'] = { a: ['192.0.2.10'] };
    await expect(names.resolve('gone.example')).rejects.toMatchObject(failure);
    clock = 5_001;
    expect(await names.resolve('gone.example')).toEqual([V4('192.0.2.10')]);
  });

  it('names the answer of the servers where they fail', async () => {
    server.zone['failing.example'] = 'SERVFAIL';
    await expect(namesWith().resolve('failing.example')).rejects.toMatchObject({
      code: 'EAI_AGAIN',
      message: 'the name failing.example could not be resolved: the name servers failed (SERVFAIL)',
    });
  });

  it('fails after 5 s of silence, and 80 of them delay no other name', async () => {
    const silent = Array.from({ length: 80 }, (_, n) => `silent-${n}.example`);
    for (const name of silent) server.zone[name] = 'silent';
    server.zone['quick.example'] = { a: ['192.0.2.11'] };
    const names = namesWith();
    const ended: string[] = [];
    const all = silent.map((name) =>
      names.resolve(name).then(
        () => ended.push('resolved'),
        ({ message }: Error) => ended.push(message.replace(/silent-\d+/, 'x')),
      ),
    );
    expect(names.isResolving('silent-0.example')).toBe(true);
    expect(await names.resolve('quick.example')).toEqual([V4('192.0.2.11')]);
    expect(ended).toEqual([]);
    await Promise.all(all);
    expect(new Set(ended)).toEqual(
      new Set(['the name x.example could not be resolved: no answer from the name servers within 5 s']),
    );
  });
});

describe('an expired answer', () => {
  const expiredAt = async (name: string, passedMs: number) => {
    server.zone[name] = { a: ['192.0.2.12'], ttl: 10 };
    let clock = 0;
    const names = namesWith({ now: () => clock });
    await names.resolve(name);
    clock = 10_000 + passedMs;
    return names;
  };

  it.each(['silent', 'SERVFAIL'] as const)('is used while the servers are %s', async (answers) => {
    const name = `stale-${answers.toLowerCase()}.example`;
    const names = await expiredAt(name, 60_000);
    server.zone[name] = answers;
    expect(await names.resolve(name)).toEqual([V4('192.0.2.12')]);
  });

  it('is not used where the name no longer exists', async () => {
    const names = await expiredAt('removed.example', 60_000);
    delete server.zone['removed.example'];
    await expect(names.resolve('removed.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('is not used for longer than ten minutes', async () => {
    const names = await expiredAt('old.example', 600_001);
    server.zone['old.example'] = 'SERVFAIL';
    await expect(names.resolve('old.example')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
  });
});

it('closing ends the queries under way', async () => {
  server.zone['abandoned.example'] = 'silent';
  const names = namesWith();
  const resolving = names.resolve('abandoned.example');
  names.close();
  await expect(resolving).rejects.toMatchObject({ message: expect.stringContaining('CANCELLED') });
  expect(names.isResolving('abandoned.example')).toBe(false);
});
