import { afterEach, beforeEach, expect, it } from 'vitest';
import { logConsole } from '../../src/log/console.ts';
import { createLog } from '../../src/log/log.ts';

const own = { ...console };
let lines: Record<string, unknown>[];
beforeEach(() => {
  lines = [];
  logConsole(createLog({ level: 'debug', destination: { write: (line) => lines.push(JSON.parse(line)) } }));
});
afterEach(() => void Object.assign(console, own));

it('errors and warnings of a library become one log line each', () => {
  console.error('lost %s:', 'a connection', new Error('gone'));
  expect(lines).toMatchObject([
    { level: 'WARNING', msg: expect.stringMatching(/^console: lost a connection: Error: gone\n {4}at /) },
  ]);
});

it('other console output of a library is logged at DEBUG', () => {
  console.trace(new Error('thrown as well'));
  console.log('hello');
  expect(lines).toMatchObject([
    { level: 'DEBUG', msg: expect.stringMatching(/^console: Error: thrown as well/) },
    { level: 'DEBUG', msg: 'console: hello' },
  ]);
});
