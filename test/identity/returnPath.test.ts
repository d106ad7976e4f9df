import { describe, expect, it } from 'vitest';
import { returnPath } from '../../src/identity/returnPath.ts';

describe('the return path after sign-in', () => {
  it.each([
    '/console/status',
    '/console',
    '/console/alerts?state=firing&q=disk%20full',
    '/console/inspect/actors/surface%3Aapi-prod',
    '/console/surfaces/api-prod?x=http://elsewhere.example/',
  ])('%s is accepted as return path', (path) => {
    expect(returnPath(path)).toBe(path);
  });

  it('the fragment is removed from the return path', () => {
    expect(returnPath('/console/status#tile-api')).toBe('/console/status');
  });

  it.each([
    undefined,
    '',
    '/',
    'console/status',
    'https://evil.example/console/status',
    '//evil.example/console',
    '///evil.example/console',
    '/\\evil.example/console',
    '\\\\evil.example/console',
    '/console\\..\\..\\evil',
    '/\t/evil.example/console',
    '/\n/evil.example',
    '/console/\r\nLocation: https://evil.example',
    '/console/../..//evil.example',
    '/console/%2e%2e//evil.example',
    '/console//evil.example',
    '/consoles/status',
    '/console@evil.example',
    '/sign-out',
    '/console/../sign-out',
    'javascript:alert(1)',
    'data:text/html,x',
    ' /console/status',
    '/console/\u2028status',
    `/console/${'x'.repeat(1_000)}`,
  ])('%j is replaced by the status page', (path) => {
    expect(returnPath(path)).toBe('/console/status');
  });
});
