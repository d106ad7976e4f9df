import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSourceQuota } from '../../src/http/sourceQuota.ts';
import { bearer, errorOf, start, TOKENS } from './support.ts';

describe('a quota of 60 requests a minute', () => {
  it('lets 60 pass at once and then one each second, for each source by itself', () => {
    let now = 0;
    const quota = createSourceQuota(60, () => now);
    const taken = (count: number) =>
      Array.from({ length: count }, () => quota.take('a')).filter((wait) => wait === null);
    expect(taken(100)).toHaveLength(60);
    expect(quota.take('a')).toBe(1);
    expect(quota.take('b')).toBeNull();
    now = 1_000;
    expect(taken(5)).toHaveLength(1);
    now = 3_600_000;
    expect(taken(100)).toHaveLength(60);
  });

  it('says how long a slow source has to wait', () => {
    const quota = createSourceQuota(2, () => 0);
    expect([quota.take('a'), quota.take('a'), quota.take('a')]).toEqual([null, null, 30]);
  });
});

it('a quota of 0 lets everything pass', () => {
  const quota = createSourceQuota(0, () => 0);
  expect(Array.from({ length: 1_000 }, () => quota.take('a')).every((wait) => wait === null)).toBe(true);
});

const env = { SOURCE_REQUESTS_PER_MINUTE: '1' };
const ALERT = { alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk full' };

/** Stops the clock of the quota until the end of the test: each second that passes is one less to wait. */
function stopClock(): void {
  const now = performance.now();
  const stopped = vi.spyOn(performance, 'now').mockReturnValue(now);
  onTestFinished(() => stopped.mockRestore());
}

it('a source over its quota is told when to try again, and the next source is not', async () => {
  stopClock();
  const app = await start({
    env: { ...env, INGEST_TOKENS: `prometheus:${TOKENS.prometheus},other:other-token-0123456789` },
  });
  const send = (source: string, token: string) => app.post('/api/alerts', { source, alerts: [ALERT] }, bearer(token));
  expect((await send('prometheus', TOKENS.prometheus)).status).toBe(202);
  const refused = await send('prometheus', TOKENS.prometheus);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect((await errorOf(refused)).message).toContain('SOURCE_REQUESTS_PER_MINUTE');
  expect((await send('other', 'other-token-0123456789')).status).toBe(202);
  expect(app.calls.filter(({ what }) => what === 'ingest')).toHaveLength(2);
});

it.each([
  ['alertmanager', [200, 503]],
  ['cloudevents', [200, 429]],
  ['gatus', [200, 200]],
  ['generic', [200, 200]],
])(
  'requests of %s over the quota get the status after which that sender tries again, if there is one',
  async (sender, expected) => {
    stopClock();
    const app = await start({ env });
    const path = `/api/webhooks/${sender}/prometheus`;
    const answers = [
      await app.post(path, {}, bearer(TOKENS.prometheus)),
      await app.post(path, {}, bearer(TOKENS.prometheus)),
    ];
    expect(answers.map(({ status }) => (status === 202 ? 200 : status))).toEqual(expected);
    const over = answers[1]?.headers.get('retry-after');
    expect(over).toBe(expected[1] === 200 ? null : '60');
  },
);
