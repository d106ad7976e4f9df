import { describe, expect, it } from 'vitest';
import { databaseError } from '../../src/commands/databaseError.ts';
import { explainDatabaseError, placeOf } from '../../src/db/explainDatabaseError.ts';
import { CommandError } from '../../src/lib/terminal.ts';

const URL_ = 'postgres://console:geheim@db.example.com/tickets?sslmode=require';
const failing = (message: string, code?: string) =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('databaseError', () => {
  it.each([
    [failing('connect ECONNREFUSED', 'ECONNREFUSED'), /cannot be reached \(ECONNREFUSED\)/],
    [failing('timeout expired'), /cannot be reached: check/],
    [failing('no password', '28P01'), /refuses the user or the password/],
    [failing('role "console" is not permitted to log in', '28000'), /refuses the user or the password/],
    [failing('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), /refuses the user or the password/],
    [failing('no pg_hba.conf entry for host', '28000'), /admits no such connection: check the sslmode/],
    [failing('permission denied for database "tickets"', '42501'), /may not connect to .*: grant it CONNECT/],
    [
      failing('transaction blocks not allowed in statement pooling mode', '08P01'),
      /connection pooler .*: set DATABASE_DIRECT_URL/,
    ],
    [failing('database "tickets" does not exist', '3D000'), /There is no database tickets/],
    [failing('permission denied', '42501'), /lacks rights .*: run auto-ticketing migrate with DATABASE_OWNER_URL/],
    [failing('relation "actors" does not exist', '42P01'), /is not migrated/],
    [failing('cannot execute INSERT in a read-only transaction', '25006'), /is read-only/],
    [failing('canceling statement due to statement timeout', '57014'), /took too long to answer/],
    [failing('sorry, too many clients already', '53300'), /no connection left/],
    [failing('The server does not support SSL connections'), /check the sslmode/],
    [failing('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), /check the sslmode/],
    [failing('certificate has expired', 'CERT_HAS_EXPIRED'), /certificate of .* has expired: renew it on the server/],
    [
      failing('canceling statement due to lock timeout', '55P03'),
      /Another session, .* holds locks .*: try again later/,
    ],
  ])('explains %s in a sentence without the password', (error, sentence) => {
    const explained = databaseError(error, URL_);
    expect(explained).toBeInstanceOf(CommandError);
    expect(explained?.message).toMatch(sentence);
    expect(explained?.message).not.toContain('geheim');
  });

  it.each([failing('syntax error', '42601'), new CommandError('There is no file x.'), 'a text'])(
    'returns null for %s, which is no error of the database',
    (error) => {
      expect(databaseError(error, URL_)).toBeNull();
    },
  );
});

it('an owner of the tables that lacks rights is not told to migrate with the owner', () => {
  expect(explainDatabaseError(failing('permission denied', '42501'), URL_, 'DATABASE_OWNER_URL')).toBe(
    'The user of DATABASE_OWNER_URL lacks rights on the database tickets at db.example.com:5432: set it to the address of the role that owns the tables.',
  );
});

it.each([
  [URL_, 'tickets at db.example.com:5432'],
  ['postgres://u@127.0.0.1:6000/a%20b', 'a b at 127.0.0.1:6000'],
  ['postgres://localhost', 'postgres at localhost:5432'],
])('placeOf describes %s without its secrets', (url, place) => {
  expect(placeOf(url)).toBe(place);
});
