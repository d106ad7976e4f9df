import { expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { usesProxy } from '../../src/net/usesProxy.ts';

it.each([
  ['https://slack.com/api/', '', true],
  ['http://127.0.0.1:3000/', '', false],
  ['http://[::1]:3000/', '', false],
  ['http://localhost/', '', false],
  ['https://slack.com/', '*', false],
  ['https://tickets.example.com/', 'example.com', false],
  ['https://tickets.example.com/', '.example.com', false],
  ['https://tickets.example.com/', '*.Example.com', false],
  ['https://notexample.com/', 'example.com', true],
  ['https://tickets.example.com/', 'tickets.example.com:443', false],
  ['https://tickets.example.com:8443/', 'tickets.example.com:443', true],
  ['https://10.1.2.3/', '10.0.0.0/8', false],
  ['https://11.1.2.3/', '10.0.0.0/8', true],
  ['https://[2001:db8::5]/', '2001:db8::/32', false],
  ['https://[2001:db8::5]:8443/', '[2001:db8::5]:8443', false],
])('%s with OUTGOING_NO_PROXY "%s" goes through the proxy: %s', (address, exceptions, expected) => {
  const { noProxy } = readConfig({ OUTGOING_NO_PROXY: exceptions }).outgoing;
  expect(usesProxy(new URL(address), noProxy ?? [])).toBe(expected);
});
