import { describe, expect, it } from 'vitest';
import type { ConsoleApi } from '../../../src/http/consoleApi.ts';
import { createFailedAttempts } from '../../../src/http/middleware/failedAttempts.ts';

type Count = ConsoleApi['countFailures'];

/** What all processes share, in memory, and a clock that stands until it is moved. */
function environment() {
  let now = 0;
  const held = new Map<string, { ends: number; failures: number }>();
  const asked: number[] = [];
  const countFailures: Count = async (added) => {
    asked.push(added.length);
    return added.flatMap(({ network, failures }) => {
      const found = held.get(network);
      const window = found && now < found.ends ? found : { ends: now + 60_000, failures: 0 };
      window.failures = Math.max(0, window.failures + failures);
      held.set(network, window);
      return [{ network, failures: window.failures, left_ms: window.ends - now }];
    });
  };
  return {
    asked,
    countFailures,
    process: (count: Count = countFailures) =>
      createFailedAttempts({ countFailures: count }, { kind: 'token', allowed: 20 }, () => now),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

function counter() {
  const { process, pass } = environment();
  const attempts = process();
  return {
    fail: async (address: string, times = 1) => {
      let wait: number | null = null;
      for (let n = 0; n < times; n += 1) wait = await attempts.count(address);
      return wait;
    },
    forgive: (address: string) => attempts.forgive(address),
    pass,
  };
}

describe('failed attempts', () => {
  it('after 20 failures in a minute a client is told how long to wait', async () => {
    const { fail, pass } = counter();
    expect(await fail('192.0.2.1', 20)).toBeNull();
    pass(45_000);
    expect(await fail('192.0.2.1')).toBe(15);
  });

  it('failures are forgotten after one minute', async () => {
    const { fail, pass } = counter();
    await fail('192.0.2.1', 30);
    pass(60_000);
    expect(await fail('192.0.2.1')).toBeNull();
  });

  it('failures are counted per client', async () => {
    const { fail } = counter();
    await fail('192.0.2.1', 30);
    expect(await fail('192.0.2.2')).toBeNull();
    expect(await fail('::ffff:192.0.2.3', 20)).toBeNull();
    expect(await fail('::ffff:192.0.2.4')).toBeNull();
  });

  it('failures of one IPv6 /64 network are counted together', async () => {
    const { fail } = counter();
    for (let n = 1; n <= 20; n += 1) await fail(`2001:db8::${n}`);
    expect(await fail('2001:db8:0:0:aaaa:bbbb:cccc:dddd')).toBe(60);
    expect(await fail('2001:db8:0:1::1')).toBeNull();
  });

  it('a process remembers the latest 10,000 networks only', async () => {
    const alone = environment().process(() => Promise.reject(new Error('away')));
    for (let n = 0; n < 30; n += 1) await alone.count('192.0.2.1');
    for (let n = 0; n < 10_000; n += 1) await alone.count(`address ${n}`);
    expect(await alone.count('192.0.2.1')).toBeNull();
  });

  it('attempts that turned out well do not count', async () => {
    const { fail, forgive } = counter();
    for (let n = 0; n < 40; n += 1) {
      expect(await fail('192.0.2.1')).toBeNull();
      await forgive('192.0.2.1');
    }
    expect(await fail('192.0.2.1', 20)).toBeNull();
    expect(await fail('192.0.2.1')).toBe(60);
  });

  it('attempts of one kind do not count for another kind', async () => {
    const { countFailures } = environment();
    const tokens = createFailedAttempts({ countFailures }, { kind: 'token', allowed: 1 });
    const answers = createFailedAttempts({ countFailures }, { kind: 'answer', allowed: 1 });
    await tokens.count('192.0.2.1');
    expect(await tokens.count('192.0.2.1')).not.toBeNull();
    expect(await answers.count('192.0.2.1')).toBeNull();
  });
});

describe('failed attempts at several processes', () => {
  it('failures are counted over all processes', async () => {
    const { process } = environment();
    const [one, two] = [process(), process()];
    for (let n = 0; n < 10; n += 1)
      expect([await one.count('192.0.2.1'), await two.count('192.0.2.1')]).toEqual([null, null]);
    expect([await one.count('192.0.2.1'), await two.count('192.0.2.1')]).toEqual([60, 60]);
  });

  it('of 60 concurrent failures at three processes exactly 20 pass', async () => {
    const { process } = environment();
    const processes = [process(), process(), process()];
    const all = await Promise.all(Array.from({ length: 60 }, (_, n) => processes[n % 3]?.count('192.0.2.1')));
    expect(all.filter((wait) => wait === null)).toHaveLength(20);
  });

  it('a flood of failures shares one query, and a client over the limit needs none', async () => {
    const { process, asked } = environment();
    const attempts = process();
    await Promise.all(Array.from({ length: 300 }, (_, n) => attempts.count(`192.0.2.${n % 3}`)));
    expect(asked).toEqual([3]);
    await attempts.count('192.0.2.0');
    expect(asked).toEqual([3]);
  });

  it('each process counts by itself while the shared count is unavailable', async () => {
    const { process } = environment();
    const alone = process(() => Promise.reject(new Error('connect ECONNREFUSED')));
    const all = [];
    for (let n = 0; n < 21; n += 1) all.push(await alone.count('192.0.2.1'));
    expect(all).toEqual([...Array<null>(20).fill(null), 60]);
  });
});
