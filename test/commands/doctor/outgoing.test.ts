import { expect, it } from 'vitest';
import { checkOutgoing } from '../../../src/commands/doctor/outgoing.ts';
import { readConfig } from '../../../src/config/config.ts';

const says = (env: Record<string, string>) => checkOutgoing(readConfig(env)).map(({ says }) => says);

it('direct connections, the authorities of the platform and the servers of the system are named', () => {
  expect(says({})).toEqual([
    'OUTGOING_PROXY is not set: FreeScout, Slack and the OpenID provider are reached directly.',
    'OUTGOING_CA_FILE is not set: those of the platform are trusted.',
    'Those of the system.',
  ]);
});

it('the proxy is shown without user name and password', () => {
  expect(
    says({
      OUTGOING_PROXY: 'http://us:way-1234@proxy.example.com:3128',
      OUTGOING_NO_PROXY: '.internal',
      OUTGOING_CA_FILE: 'test/fixtures/tls/private-authority.crt',
      DNS_SERVERS: '10.0.0.53,[2001:db8::53]:5353',
    }),
  ).toEqual([
    'FreeScout, Slack and the OpenID provider are reached through http://proxy.example.com:3128, except for 1 entry of OUTGOING_NO_PROXY.',
    "1 certificate of OUTGOING_CA_FILE beside the platform's.",
    '10.0.0.53, [2001:db8::53]:5353 (DNS_SERVERS).',
  ]);
});
