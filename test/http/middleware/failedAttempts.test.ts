import { describe, expect, it } from 'vitest';
import { createFailedAttempts } from '../../../src/http/middleware/failedAttempts.ts';

function counter() {
  let now = 0;
  const attempts = createFailedAttempts(() => now);
  return {
    fail: (address: string, times = 1) => {
      let wait: number | null = null;
      for (let n = 0; n < times; n += 1) wait = attempts.count(address);
      return wait;
    },
    wait: (address: string) => attempts.wait(address),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('failed attempts', () => {
  it('are let pass up to twenty in a minute, then told how long to wait', () => {
    const { fail, pass } = counter();
    expect(fail('192.0.2.1', 20)).toBeNull();
    pass(45_000);
    expect(fail('192.0.2.1')).toBe(15);
  });

  it('are forgotten after a minute', () => {
    const { fail, pass } = counter();
    fail('192.0.2.1', 30);
    pass(60_000);
    expect(fail('192.0.2.1')).toBeNull();
  });

  it('of one client are not those of another', () => {
    const { fail } = counter();
    fail('192.0.2.1', 30);
    expect(fail('192.0.2.2')).toBeNull();
    expect(fail('::ffff:192.0.2.3', 20)).toBeNull();
    expect(fail('::ffff:192.0.2.4')).toBeNull();
  });

  it('of one IPv6 network are those of one client', () => {
    const { fail } = counter();
    for (let n = 1; n <= 20; n += 1) fail(`2001:db8::${n}`);
    expect(fail('2001:db8:0:0:aaaa:bbbb:cccc:dddd')).toBe(60);
    expect(fail('2001:db8:0:1::1')).toBeNull();
  });

  it('of very many addresses cost no more than those of the latest ten thousand', () => {
    const { fail } = counter();
    fail('192.0.2.1', 30);
    for (let n = 0; n < 10_000; n += 1) fail(`address ${n}`);
    expect(fail('192.0.2.1')).toBeNull();
  });

  it('can be asked about before another try, which counts nothing', () => {
    const { fail, pass, wait } = counter();
    fail('192.0.2.1', 19);
    expect([wait('192.0.2.1'), wait('192.0.2.1')]).toEqual([null, null]);
    fail('192.0.2.1');
    expect([wait('192.0.2.1'), wait('192.0.2.2')]).toEqual([60, null]);
    pass(60_000);
    expect(wait('192.0.2.1')).toBeNull();
  });
});
