import { describe, expect, it } from 'vitest';
import { createFaults } from '../../src/sandbox/faultSwitches.ts';
import { type FreeScoutFixture, startFreeScoutFixture, ticket } from './freescout/freescoutFixture.ts';

const post = ({ api }: FreeScoutFixture, options: object = {}) => api.post('/api/conversations', ticket(), options);

/** What the client saw when no whole answer came. */
const failureOf = (answer: Promise<unknown>) =>
  answer.then(
    () => 'an answer',
    (error: { code: string }) => error.code,
  );

describe('a fault that strikes before', () => {
  it.each([
    [{ kind: 'status', status: 502 }, 502, /json/],
    [{ kind: 'html200' }, 200, /html/],
    [{ kind: 'rubbish200' }, 200, /json/],
    [{ kind: 'bad_json' }, 200, /json/],
    [{ kind: 'redirect', location: '/elsewhere' }, 302, /html/],
    [{ kind: 'retry_after', retry_after: 7 }, 429, /json/],
  ] as const)('answers %j and leaves nothing done', async (fault, status, type) => {
    const desk = await startFreeScoutFixture({ faults: [fault] });
    const answer = await post(desk);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(type);
    expect(answer.headers).not.toHaveProperty('resource-id');
    expect(desk.sandbox.state.tickets).toEqual([]);
  });

  it('cuts the connection', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'reset' }] });
    expect(await failureOf(post(desk))).toBe('ECONNRESET');
    expect(desk.sandbox.state.tickets).toEqual([]);
  });

  it('never answers', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'hang' }] });
    expect(await failureOf(post(desk, { timeout: 1_000 }))).toBe('ECONNABORTED');
    await expect.poll(() => desk.sandbox.state.requests[0]?.status).toBeNull();
    expect(desk.sandbox.state.tickets).toEqual([]);
  });

  it('delays what is done all the same after the caller hung up', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'delay', delay_ms: 3_000 }] });
    expect(await failureOf(post(desk, { timeout: 1_000 }))).toBe('ECONNABORTED');
    expect(desk.sandbox.state.tickets).toEqual([]);
    await expect.poll(() => desk.sandbox.state.tickets.length, { timeout: 10_000 }).toBe(1);
  });

  it('fills the line with more than anyone wants to read', async () => {
    const desk = await startFreeScoutFixture({ faults: [{ kind: 'huge', bytes: 3_000_000 }] });
    expect(await failureOf(post(desk, { maxContentLength: 1_000_000 }))).toBe('ERR_BAD_RESPONSE');
  });
});

describe('a fault that strikes after', () => {
  it.each([
    [{ kind: 'status_after', status: 504 }, 504],
    [{ kind: 'html200', when: 'after' }, 200],
    [{ kind: 'bad_json', when: 'after' }, 200],
    [{ kind: 'retry_after', when: 'after' }, 429],
  ] as const)('answers %j although the ticket is filed', async (fault, status) => {
    const desk = await startFreeScoutFixture({ faults: [fault] });
    const answer = await post(desk);
    expect(answer.status).toBe(status);
    expect(answer.headers).not.toHaveProperty('resource-id');
    expect(desk.sandbox.state.tickets).toHaveLength(1);
  });

  it.each([[{ kind: 'reset', when: 'after' }], [{ kind: 'half' }]] as const)(
    'loses the answer with %j although the ticket is filed',
    async (fault) => {
      const desk = await startFreeScoutFixture({ faults: [fault] });
      expect(await failureOf(post(desk))).toMatch(/ECONNRESET|ERR_BAD_RESPONSE/);
      expect(desk.sandbox.state.tickets).toHaveLength(1);
    },
  );

  it.each([[{ kind: 'hang', when: 'after' }], [{ kind: 'delay', when: 'after', delay_ms: 10_000 }]] as const)(
    'keeps the answer to itself with %j although the ticket is filed',
    async (fault) => {
      const desk = await startFreeScoutFixture({ faults: [fault] });
      expect(await failureOf(post(desk, { timeout: 1_000 }))).toBe('ECONNABORTED');
      await expect.poll(() => desk.sandbox.state.tickets).toHaveLength(1);
    },
  );
});

describe('which requests it strikes', () => {
  const strikes = (
    fault: Parameters<ReturnType<typeof createFaults>['add']>[0],
    requests: [string, string][],
    random = 0,
  ) => {
    const faults = createFaults({ scope: /^\/api\//, random: () => random });
    faults.add(fault);
    return requests.map(([method, url]) => faults.strike(method, url).length);
  };

  it('is said by method and path, with or without the query', () => {
    const requests: [string, string][] = [
      ['POST', '/api/a'],
      ['GET', '/api/a'],
      ['POST', '/api/b?tag=x'],
    ];
    expect(strikes({ kind: 'hang', method: 'post' }, requests)).toEqual([1, 0, 1]);
    expect(strikes({ kind: 'hang', path: '^/api/b$' }, requests)).toEqual([0, 0, 1]);
    expect(strikes({ kind: 'hang', path: 'tag=x' }, requests)).toEqual([0, 0, 1]);
  });

  it('leaves out the pages unless a path says otherwise', () => {
    expect(strikes({ kind: 'hang' }, [['GET', '/conversation/1']])).toEqual([0]);
    expect(strikes({ kind: 'hang', path: '^/conversation' }, [['GET', '/conversation/1']])).toEqual([1]);
  });

  it('is a matter of chance where a probability is given', () => {
    expect(strikes({ kind: 'hang', probability: 0.3 }, [['GET', '/api/a']], 0.2)).toEqual([1]);
    expect(strikes({ kind: 'hang', probability: 0.3 }, [['GET', '/api/a']], 0.4)).toEqual([0]);
  });

  it('ends after so many times', () => {
    const twice = [1, 2, 3].map((): [string, string] => ['GET', '/api/a']);
    expect(strikes({ kind: 'hang', times: 2 }, twice)).toEqual([1, 1, 0]);
  });

  it('puts a delay in front of another fault', () => {
    const faults = createFaults({ scope: /^\/api\// });
    faults.add({ kind: 'delay', delay_ms: 5 });
    faults.add({ kind: 'reset' });
    faults.add({ kind: 'hang' });
    expect(faults.strike('GET', '/api/a').map(({ kind }) => kind)).toEqual(['delay', 'reset']);
  });

  it.each([
    { kind: 'explode' },
    { kind: 'status', status: 99 },
    { kind: 'hang', path: '(' },
    { kind: 'hang', tmies: 1 },
  ])('is refused where it makes no sense: %j', (fault) => {
    expect(() => createFaults({ scope: /x/ }).add(fault as never)).toThrow(
      /Invalid|invalid|regular|Unrecognized|Too small/,
    );
  });
});
