import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  isDatabaseGone,
  isDatabaseUnreachable,
  isLimitExceeded,
  isMissingInDatabase,
} from '../../src/db/databaseGone.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';

const withCode = (code: string, message = 'some message'): Error => Object.assign(new Error(message), { code });

describe('isDatabaseGone', () => {
  it.each([
    ['ECONNREFUSED', 'connection refused'],
    ['ECONNRESET', 'connection reset'],
    ['EPIPE', 'broken pipe'],
    ['ETIMEDOUT', 'network timeout'],
    ['ENOTFOUND', 'unknown host'],
    ['EAI_AGAIN', 'name server unavailable'],
    ['EHOSTUNREACH', 'host unreachable'],
    ['ENETUNREACH', 'network unreachable'],
    ['CERT_HAS_EXPIRED', 'expired certificate'],
    ['08000', 'connection exception'],
    ['08006', 'connection failure'],
    ['08P01', 'protocol violation'],
    ['25006', 'read-only server'],
    ['25P03', 'session terminated while idle in a transaction'],
    ['28000', 'user refused'],
    ['28P01', 'wrong password'],
    ['3D000', 'database missing'],
    ['42501', 'rights not given yet'],
    ['42P01', 'not migrated'],
    ['53100', 'disk full'],
    ['53300', 'too many connections'],
    ['55P03', 'lock not available'],
    ['57014', 'statement timeout'],
    ['57P01', 'stopped by an administrator'],
    ['57P02', 'crashed'],
    ['57P03', 'starting up'],
    ['57P04', 'database dropped'],
    ['57P05', 'idle session terminated'],
  ])('is true for %s (%s)', (code) => {
    expect(isDatabaseGone(withCode(code))).toBe(true);
  });

  it.each([
    ['23505', 'unique violation'],
    ['40001', 'serialization failure'],
    ['40P01', 'deadlock'],
    ['42601', 'syntax error'],
    ['42703', 'unknown column'],
    ['42883', 'unknown function'],
    ['22001', 'value too long'],
    ['ENOENT', 'file not found'],
  ])('is false for %s (%s)', (code) => {
    expect(isDatabaseGone(withCode(code))).toBe(false);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('is true for the message "%s" without a code', (message) => {
    expect(isDatabaseGone(new Error(message))).toBe(true);
  });

  it('is true for an error whose cause is a lost connection', () => {
    expect(isDatabaseGone(new Error('cannot read the flags', { cause: withCode('ECONNREFUSED') }))).toBe(true);
  });

  it('is false for a value that is not an error', () => {
    expect(isDatabaseGone('ECONNREFUSED')).toBe(false);
  });

  it('is true for a server that refuses TLS, so that the process waits for it', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('N')).on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `postgres://nobody@127.0.0.1:${port}/nothing?sslmode=require`;
    const pool = createPool(url, 1, createLog({ level: 'silent' }));
    const error = await pool.query('select 1').catch((failure: unknown) => failure);
    expect(String(error)).toContain('does not support SSL');
    expect([isDatabaseGone(error), isDatabaseUnreachable(error)]).toEqual([true, true]);
    await pool.end();
    server.close();
  });

  it.each(['127.0.0.1', 'localhost'])('is true if no server listens on %s', async (host) => {
    const pool = createPool(`postgres://nobody@${host}:9/nothing`, 1, createLog({ level: 'silent' }));
    const error = await pool.query('select 1').catch((failure: unknown) => failure);
    expect(isDatabaseGone(error)).toBe(true);
    await pool.end();
  });
});

it('what the schema lacks is told apart from other errors, also where it is the cause', () => {
  const lacking = ['42P01', '42703', '42704', '42883', '42P10', '3F000', '23514'];
  for (const code of lacking) expect(isMissingInDatabase(withCode(code))).toBe(true);
  for (const code of ['42501', '42601', '23505', '57P01']) expect(isMissingInDatabase(withCode(code))).toBe(false);
  expect(isMissingInDatabase(new Error('failed', { cause: withCode('42703') }))).toBe(true);
});

it('a limit that ended the work is told apart from a database that is away, also where it is the cause', () => {
  for (const code of ['57014', '55P03', '25P03', '53200']) expect(isLimitExceeded(withCode(code))).toBe(true);
  for (const code of ['57P01', '08006', 'ECONNREFUSED', '23505']) expect(isLimitExceeded(withCode(code))).toBe(false);
  expect(isLimitExceeded(new Error('failed', { cause: withCode('57014') }))).toBe(true);
});
