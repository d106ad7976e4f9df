import { describe, expect, it } from 'vitest';
import type { ConsoleApi } from '../../../src/http/consoleApi.ts';
import { createFailedAttempts } from '../../../src/http/middleware/failedAttempts.ts';

type Count = ConsoleApi['countFailures'];

/** What all processes share, in memory, and a clock that stands until it is moved. */
function house() {
  let now = 0;
  const held = new Map<string, { ends: number; failures: number }>();
  const asked: number[] = [];
  const countFailures: Count = async (added) => {
    asked.push(added.length);
    return added.flatMap(({ network, failures }) => {
      const found = held.get(network);
      const window = found && now < found.ends ? found : { ends: now + 60_000, failures: 0 };
      window.failures += failures;
      if (failures > 0) held.set(network, window);
      return window.failures === 0 ? [] : [{ network, failures: window.failures, left_ms: window.ends - now }];
    });
  };
  return {
    asked,
    process: (count: Count = countFailures) => createFailedAttempts({ countFailures: count }, () => now),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

function counter() {
  const { process, pass } = house();
  const attempts = process();
  return {
    fail: async (address: string, times = 1) => {
      let wait: number | null = null;
      for (let n = 0; n < times; n += 1) wait = await attempts.count(address);
      return wait;
    },
    wait: (address: string) => attempts.wait(address),
    pass,
  };
}

describe('failed attempts', () => {
  it('are let pass up to twenty in a minute, then told how long to wait', async () => {
    const { fail, pass } = counter();
    expect(await fail('192.0.2.1', 20)).toBeNull();
    pass(45_000);
    expect(await fail('192.0.2.1')).toBe(15);
  });

  it('are forgotten after a minute', async () => {
    const { fail, pass } = counter();
    await fail('192.0.2.1', 30);
    pass(60_000);
    expect(await fail('192.0.2.1')).toBeNull();
  });

  it('of one client are not those of another', async () => {
    const { fail } = counter();
    await fail('192.0.2.1', 30);
    expect(await fail('192.0.2.2')).toBeNull();
    expect(await fail('::ffff:192.0.2.3', 20)).toBeNull();
    expect(await fail('::ffff:192.0.2.4')).toBeNull();
  });

  it('of one IPv6 network are those of one client', async () => {
    const { fail } = counter();
    for (let n = 1; n <= 20; n += 1) await fail(`2001:db8::${n}`);
    expect(await fail('2001:db8:0:0:aaaa:bbbb:cccc:dddd')).toBe(60);
    expect(await fail('2001:db8:0:1::1')).toBeNull();
  });

  it('of very many addresses cost the memory of a process no more than the latest ten thousand', async () => {
    const alone = house().process(() => Promise.reject(new Error('away')));
    for (let n = 0; n < 30; n += 1) await alone.count('192.0.2.1');
    for (let n = 0; n < 10_000; n += 1) await alone.count(`address ${n}`);
    expect(await alone.count('192.0.2.1')).toBeNull();
  });

  it('can be asked about before another try, which counts nothing', async () => {
    const { fail, pass, wait } = counter();
    await fail('192.0.2.1', 19);
    expect([await wait('192.0.2.1'), await wait('192.0.2.1')]).toEqual([null, null]);
    await fail('192.0.2.1');
    expect([await wait('192.0.2.1'), await wait('192.0.2.2')]).toEqual([60, null]);
    pass(60_000);
    expect(await wait('192.0.2.1')).toBeNull();
  });
});

describe('failed attempts at several processes', () => {
  it('are those of one client, and the one over the limit is told so wherever it comes', async () => {
    const { process } = house();
    const [one, two] = [process(), process()];
    for (let n = 0; n < 10; n += 1)
      expect([await one.count('192.0.2.1'), await two.count('192.0.2.1')]).toEqual([null, null]);
    expect([await one.wait('192.0.2.1'), await two.wait('192.0.2.1')]).toEqual([60, 60]);
    expect([await one.count('192.0.2.1'), await two.count('192.0.2.1')]).toEqual([60, 60]);
  });

  it('at once pass exactly twenty times', async () => {
    const { process } = house();
    const processes = [process(), process(), process()];
    const all = await Promise.all(Array.from({ length: 60 }, (_, n) => processes[n % 3]?.count('192.0.2.1')));
    expect(all.filter((wait) => wait === null)).toHaveLength(20);
  });

  it('in a flood are asked about together, and not at all by who is over the limit', async () => {
    const { process, asked } = house();
    const attempts = process();
    await Promise.all(Array.from({ length: 300 }, (_, n) => attempts.count(`192.0.2.${n % 3}`)));
    expect(asked).toEqual([3]);
    await Promise.all([attempts.count('192.0.2.0'), attempts.wait('192.0.2.1')]);
    expect(asked).toEqual([3]);
  });

  it('are counted by each process for itself while the others cannot be asked', async () => {
    const { process } = house();
    const alone = process(() => Promise.reject(new Error('connect ECONNREFUSED')));
    const all = [];
    for (let n = 0; n < 21; n += 1) all.push(await alone.count('192.0.2.1'));
    expect(all).toEqual([...Array<null>(20).fill(null), 60]);
    expect(await alone.wait('192.0.2.1')).toBe(60);
  });
});
