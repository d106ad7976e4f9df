import { expect, test } from 'vitest';
import { withMalformed, wrongRejection } from './malformedAlerts.ts';
import { createRandom } from './random.ts';

const good = ['a', 'b', 'c'].map((alert_id) => ({ alert_id }));

test('malformed alerts are put among the good ones, which keep their order, and their indexes are known', () => {
  const requests = Array.from({ length: 100 }, (_, n) => withMalformed(good, createRandom(`seed ${n}`)));
  for (const { alerts, malformed } of requests) {
    expect(alerts.filter((_, index) => !malformed.includes(index))).toEqual(good);
    expect(alerts).toHaveLength(good.length + malformed.length);
  }
  expect(requests.filter(({ malformed }) => malformed.length > 0).length).toBeGreaterThan(0);
  expect(requests.filter(({ malformed }) => malformed.length === 0).length).toBeGreaterThan(0);
});

test('an answer is wrong unless it rejects exactly the malformed alerts and accepts the others', () => {
  const answer = (accepted: number, ...rejected: number[]) =>
    JSON.stringify({ accepted, rejected: rejected.map((index) => ({ index })) });
  expect(wrongRejection(answer(3, 1), 4, [1])).toBeNull();
  expect(wrongRejection('{"accepted":4}', 4, [])).toBeNull();
  for (const wrong of [answer(3, 2), answer(4), answer(2, 1, 2), answer(4, 1)])
    expect(wrongRejection(wrong, 4, [1])).toMatch(/^of 4 alerts, 1 were malformed/);
});
