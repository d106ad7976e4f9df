import { describe, expect, it } from 'vitest';
import {
  API_FAULTS,
  isActive,
  PROVIDER_FAULTS,
  SERVICE_FAULTS,
  SLACK_FAULTS,
  toggle,
} from '../../src/sandbox/commonFaults.ts';
import { createFaults } from '../../src/sandbox/faultSwitches.ts';
import { type FreeScoutFixture, startFreeScoutFixture, ticket } from './freescout/freescoutFixture.ts';

const post = ({ api }: FreeScoutFixture, options: object = {}) => api.post('/api/conversations', ticket(), options);

/** What the client observed when it received no complete response. */
const failureOf = (answer: Promise<unknown>) =>
  answer.then(
    () => 'an answer',
    (error: { code: string }) => error.code,
  );

/** The client itself gave up waiting. */
const GONE = 'ERR_CANCELED';

/** What a client observed that disconnects this many milliseconds after the server has received its request. */
async function leavingAfter(ms: number, desk: FreeScoutFixture): Promise<string> {
  const leaving = new AbortController();
  const observed = failureOf(post(desk, { signal: leaving.signal }));
  await expect.poll(() => desk.sandbox.state.requests).toHaveLength(1);
  setTimeout(() => leaving.abort(), ms);
  return observed;
}

describe('a fault before the request is processed', () => {
  it.each([
    [{ kind: 'status', status: 502 }, 502, /json/],
    [{ kind: 'html200' }, 200, /html/],
    [{ kind: 'rubbish200' }, 200, /json/],
    [{ kind: 'bad_json' }, 200, /json/],
    [{ kind: 'redirect', location: '/elsewhere' }, 302, /html/],
    [{ kind: 'retry_after', retry_after: 7 }, 429, /json/],
  ] as const)('the fault %j has no effect on the data', async (fault, status, type) => {
    const desk = await startFreeScoutFixture({ faults: [fault] });
    const answer = await post(desk);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(type);
    expect(answer.headers).not.toHaveProperty('resource-id');
    expect(desk.sandbox.state.tickets).toEqual([]);
  });

  it('the fault reset closes the connection', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'reset' }] });
    expect(await failureOf(post(desk))).toBe('ECONNRESET');
    expect(desk.sandbox.state.tickets).toEqual([]);
  });

  it('the fault hang never responds', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'hang' }] });
    expect(await leavingAfter(1_000, desk)).toBe(GONE);
    expect(desk.sandbox.state.requests[0]?.status).toBeNull();
    expect(desk.sandbox.state.tickets).toEqual([]);
  });

  it('a delayed request is processed even after the client has disconnected', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'delay', delay_ms: 3_000 }] });
    expect(await leavingAfter(0, desk)).toBe(GONE);
    expect(desk.sandbox.state.tickets).toEqual([]);
    await expect.poll(() => desk.sandbox.state.tickets.length).toBe(1);
  });

  it('the fault huge sends a response of the given size', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'huge', bytes: 3_000_000 }] });
    expect(await failureOf(post(desk, { maxContentLength: 1_000_000 }))).toBe('ERR_BAD_RESPONSE');
  });
});

describe('a fault after the request is processed', () => {
  it.each([
    [{ kind: 'status_after', status: 504 }, 504],
    [{ kind: 'html200', when: 'after' }, 200],
    [{ kind: 'bad_json', when: 'after' }, 200],
    [{ kind: 'retry_after', when: 'after' }, 429],
  ] as const)('the ticket is filed although the response has the fault %j', async (fault, status) => {
    const desk = await startFreeScoutFixture({ faults: [fault] });
    const answer = await post(desk);
    expect(answer.status).toBe(status);
    expect(answer.headers).not.toHaveProperty('resource-id');
    expect(desk.sandbox.state.tickets).toHaveLength(1);
  });

  it.each([[{ kind: 'reset', when: 'after' }], [{ kind: 'half' }]] as const)(
    'the ticket is filed although %j loses the response',
    async (fault) => {
      const desk = await startFreeScoutFixture({ faults: [fault] });
      expect(await failureOf(post(desk))).toMatch(/ECONNRESET|ERR_BAD_RESPONSE/);
      expect(desk.sandbox.state.tickets).toHaveLength(1);
    },
  );

  it.each([[{ kind: 'hang', when: 'after' }], [{ kind: 'delay', when: 'after', delay_ms: 10_000 }]] as const)(
    'the ticket is filed although %j sends no response in time',
    async (fault) => {
      const desk = await startFreeScoutFixture({ faults: [fault] });
      expect(await leavingAfter(1_000, desk)).toBe(GONE);
      await expect.poll(() => desk.sandbox.state.tickets).toHaveLength(1);
    },
  );
});

it('every common fault is valid, begins with one toggle and ends with the next', () => {
  for (const common of [API_FAULTS, SLACK_FAULTS, PROVIDER_FAULTS, SERVICE_FAULTS]) {
    expect(new Set(common.map(({ name }) => name)).size).toBe(common.length);
    const faults = createFaults({ scope: /x/ });
    for (const each of common) toggle(faults, each);
    expect(common.filter((each) => !isActive(faults, each))).toEqual([]);
    for (const each of common) toggle(faults, each);
    expect(faults.list()).toEqual([]);
  }
});

describe('the requests that a fault applies to', () => {
  const appliedTo = (
    fault: Parameters<ReturnType<typeof createFaults>['add']>[0],
    requests: [string, string][],
    random = 0,
  ) => {
    const faults = createFaults({ scope: /^\/api\//, random: () => random });
    faults.add(fault);
    return requests.map(([method, url]) => faults.take(method, url).length);
  };

  it('a fault is matched by method and path, with or without the query', () => {
    const requests: [string, string][] = [
      ['POST', '/api/a'],
      ['GET', '/api/a'],
      ['POST', '/api/b?tag=x'],
    ];
    expect(appliedTo({ kind: 'hang', method: 'post' }, requests)).toEqual([1, 0, 1]);
    expect(appliedTo({ kind: 'hang', path: '^/api/b$' }, requests)).toEqual([0, 0, 1]);
    expect(appliedTo({ kind: 'hang', path: 'tag=x' }, requests)).toEqual([0, 0, 1]);
  });

  it('a fault without a path does not apply to the pages', () => {
    expect(appliedTo({ kind: 'hang' }, [['GET', '/conversation/1']])).toEqual([0]);
    expect(appliedTo({ kind: 'hang', path: '^/conversation' }, [['GET', '/conversation/1']])).toEqual([1]);
  });

  it('a fault with a probability applies at random', () => {
    expect(appliedTo({ kind: 'hang', probability: 0.3 }, [['GET', '/api/a']], 0.2)).toEqual([1]);
    expect(appliedTo({ kind: 'hang', probability: 0.3 }, [['GET', '/api/a']], 0.4)).toEqual([0]);
  });

  it('a fault is removed after the given number of requests', () => {
    const twice = [1, 2, 3].map((): [string, string] => ['GET', '/api/a']);
    expect(appliedTo({ kind: 'hang', times: 2 }, twice)).toEqual([1, 1, 0]);
  });

  it('a delay is combined with the next fault', () => {
    const faults = createFaults({ scope: /^\/api\// });
    faults.add({ kind: 'delay', delay_ms: 5 });
    faults.add({ kind: 'reset' });
    faults.add({ kind: 'hang' });
    expect(faults.take('GET', '/api/a').map(({ kind }) => kind)).toEqual(['delay', 'reset']);
  });

  it.each([
    { kind: 'explode' },
    { kind: 'status', status: 99 },
    { kind: 'hang', path: '(' },
    { kind: 'hang', tmies: 1 },
  ])('the invalid fault %j is rejected', (fault) => {
    expect(() => createFaults({ scope: /x/ }).add(fault as never)).toThrow(
      /Invalid|invalid|regular|Unrecognized|Too small/,
    );
  });
});
