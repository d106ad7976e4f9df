import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createAttemptCookies } from '../../src/http/attemptCookies.ts';
import type { Ctx } from '../../src/http/context.ts';
import { createCookieJar } from '../../src/http/cookies.ts';
import { createSigner } from '../../src/http/signing.ts';
import { decodeAttempt, encodeAttempt, newAttempt } from '../../src/identity/signInAttempt.ts';

const signer = createSigner('a-session-secret-of-32-characters');
const attempts = createAttemptCookies(createCookieJar('https://console.example.com'), signer);

/** A request with this Cookie header, and the names that the library for cookies was asked for or told to set. */
function request(header: string) {
  const cookies = { get: vi.fn(), set: vi.fn() };
  return { ctx: { get: () => header, cookies } as unknown as Ctx, cookies };
}

function begun() {
  const attempt = newAttempt('/console/status');
  const digest = createHash('sha256').update(attempt.state).digest('hex');
  const name = `__Host-console_attempt-${digest.slice(0, 16)}`;
  const text = encodeAttempt(attempt);
  return { attempt, name, text, cookie: `${name}=${signer.sign('attempt', text)}` };
}

const invented = (count: number, value = 'x') =>
  Array.from({ length: count }, (_, n) => `__Host-console_attempt-${n.toString(16).padStart(16, '0')}=${value}`);

describe('a request with hundreds of invented cookies of sign-ins', () => {
  it('the library for cookies, which keeps every name, is asked for none of them', () => {
    const { ctx, cookies } = request(
      [...invented(500), '__Host-console_attempt-1=', '__Host-console_attempt-'].join('; '),
    );
    expect(attempts.take(ctx, 'an-invented-state')).toBeNull();
    attempts.add(ctx, begun().text);
    expect(cookies.get).not.toHaveBeenCalled();
  });

  it('the sign-in that was started is found among them, and its cookie is removed', () => {
    const { attempt, name, text, cookie } = begun();
    const { ctx, cookies } = request([...invented(500), cookie, ...invented(3)].join('; '));
    expect(attempts.take(ctx, attempt.state)).toBe(text);
    expect(cookies.set.mock.calls).toEqual([[name, null, expect.anything()]]);
  });

  it('signatures of a few of them are checked, and a few are removed', () => {
    const verify = vi.spyOn(signer, 'verify');
    const { ctx, cookies } = request(invented(500).join('; '));
    attempts.take(ctx, 'an-invented-state');
    expect(verify).toHaveBeenCalledTimes(20);
    attempts.add(ctx, begun().text);
    expect(verify).toHaveBeenCalledTimes(40);
    expect(cookies.set).toHaveBeenCalledTimes(17);
    verify.mockRestore();
  });
});

it('of the sign-ins that were started, the newest one is taken for a response with another state', () => {
  const [older, newer] = [begun(), begun()];
  const later = { ...newer.attempt, until: newer.attempt.until + 1_000 };
  const text = encodeAttempt(later);
  const { ctx } = request(`${newer.name}=${signer.sign('attempt', text)}; ${older.cookie}`);
  expect(decodeAttempt(attempts.take(ctx, 'another-state') ?? '')).toEqual(later);
});

it('the cookies of other purposes and names are not taken for a sign-in', () => {
  const { text } = begun();
  const { ctx } = request(
    [
      `console_attempt-0123456789abcdef=${signer.sign('attempt', text)}`,
      `__Host-console_attempt-0123456789abcdef0=${signer.sign('attempt', text)}`,
      `__Host-console_attempt-0123456789abcdef=${signer.sign('session', text)}`,
      '__Host-console_attempt-fedcba9876543210',
    ].join('; '),
  );
  expect(attempts.take(ctx, 'a-state')).toBeNull();
});
