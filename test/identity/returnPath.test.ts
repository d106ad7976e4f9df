import { describe, expect, it } from 'vitest';
import { returnPath } from '../../src/identity/returnPath.ts';

describe('the way back', () => {
  it.each([
    '/console/status',
    '/console',
    '/console/alerts?state=firing&q=disk%20full',
    '/console/inspect/actors/surface%3Aapi-prod',
    '/console/surfaces/api-prod?x=http://elsewhere.example/',
  ])('may be %s', (path) => {
    expect(returnPath(path)).toBe(path);
  });

  it('loses what a browser keeps to itself', () => {
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
  ])('is home instead of %j', (path) => {
    expect(returnPath(path)).toBe('/console/status');
  });
});
