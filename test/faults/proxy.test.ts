import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Call } from './calls.ts';
import { CALL_FAULTS, type CallFault } from './faultMix.ts';
import { type FaultProxy, startFaultProxy } from './proxy.ts';

const CALLER_TIMEOUT_MS = 1_500;
/** The timeout of a caller that expects a response, even on a busy machine. */
const LONG_MS = 20_000;
let target: Server;
let proxy: FaultProxy;
let effects: number;
let ended: Call[];
let fault: CallFault | null;

// The proxy cuts connections, which requires real sockets.
beforeAll(() => nock.restore());
afterAll(() => nock.activate());
beforeEach(async () => {
  const own: Call[] = [];
  effects = 0;
  ended = own;
  fault = null;
  target = createServer((_request, response) => {
    effects += 1;
    response
      .writeHead(201, { 'content-type': 'application/json', 'resource-id': '7' })
      .end('{"id":7,"subject":"whole"}');
  });
  await new Promise<void>((resolve) => void target.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy({
    target: `http://127.0.0.1:${(target.address() as AddressInfo).port}`,
    kindOf: () => 'create',
    draw: () => fault,
    callerTimeoutMs: CALLER_TIMEOUT_MS,
    isFaulty: () => true,
    roll: () => 0.1,
    onEnd: (call) => own.push(call),
  });
});
afterEach(async () => {
  await proxy.stop();
  await new Promise((resolve) => {
    target.close(resolve);
    target.closeAllConnections();
  });
});

async function call(timeoutMs = LONG_MS): Promise<string> {
  try {
    const response = await fetch(`${proxy.url}/api/conversations`, {
      method: 'POST',
      body: '{"subject":"new"}',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    try {
      return `${response.status} ${(JSON.parse(text) as { id?: number }).id ?? 'other JSON'}`;
    } catch {
      return `${response.status} no JSON`;
    }
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'no answer' : 'cut';
  }
}

/** What the caller gets, and how often the call took effect. */
const EXPECTED: Record<CallFault, [seen: RegExp, effects: number]> = {
  slow: [/^201 7$/, 1],
  slow_answer: [/^201 7$/, 1],
  late_effect: [/^no answer$/, 1],
  error_before: [/^50\d other JSON$/, 0],
  error_after: [/^50\d other JSON$/, 1],
  reset_before: [/^cut$/, 0],
  reset_after: [/^cut$/, 1],
  hang_before: [/^no answer$/, 0],
  hang_after: [/^no answer$/, 1],
  half: [/^cut$/, 1],
  html_before: [/^200 no JSON$/, 0],
  html_after: [/^200 no JSON$/, 1],
  rubbish_before: [/^200 other JSON$/, 0],
  rubbish_after: [/^200 other JSON$/, 1],
  broken_json: [/^201 no JSON$/, 1],
  redirect: [/^302 no JSON$/, 0],
  rate_limited: [/^429 other JSON$/, 0],
};

test('a call without a fault passes unchanged and counts as delivered', async () => {
  expect(await call()).toBe('201 7');
  await expect.poll(() => ended.map(({ delivered }) => delivered)).toEqual([true]);
  expect(proxy.calls.get('create')).toEqual({ all: 1, duringFaults: 1, faulted: 0 });
});

test.each(CALL_FAULTS)('the fault %s has its effect on the call and is counted', async (kind) => {
  fault = kind;
  const [seen, expected] = EXPECTED[kind];
  expect(await call(seen.test('no answer') ? CALLER_TIMEOUT_MS : LONG_MS)).toMatch(seen);
  await expect.poll(() => ended.length, { timeout: LONG_MS }).toBe(1);
  expect(effects).toBe(expected);
  expect(proxy.faults.get(kind)).toBe(1);
  expect(proxy.calls.get('create')).toEqual({ all: 1, duringFaults: 1, faulted: 1 });
});

test('a late effect happens after the caller has hung up', async () => {
  fault = 'late_effect';
  const calling = call(CALLER_TIMEOUT_MS);
  const hungUp = calling.then(() => Date.now());
  expect(await calling).toBe('no answer');
  await expect.poll(() => ended.length, { timeout: LONG_MS }).toBe(1);
  expect(ended[0]?.effectAt).toBeGreaterThanOrEqual(await hungUp);
});
