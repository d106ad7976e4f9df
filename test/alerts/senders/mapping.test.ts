import { expect, it } from 'vitest';
import { evaluateMapping } from '../../../src/alerts/senders/mapping/evaluate.ts';
import { NotUnderstood, TookTooLong } from '../../../src/alerts/senders/sender.ts';

/** With a limit that no ordinary mapping reaches, however busy this machine is. */
const evaluate = (mapping: string, body: unknown = {}) =>
  evaluateMapping({ mapping, body, bindings: { query: {} } }, 60_000);

it('a regular expression that takes forever neither blocks other work nor outlives its second', async () => {
  const events: string[] = [];
  const timer = setInterval(() => events.push('timer'), 20);
  const body = { t: `${'a'.repeat(60)}b` };
  const forever = evaluateMapping({ mapping: '$match(t, /^(a+)+$/)', body, bindings: { query: {} } }).finally(() =>
    events.push('refused'),
  );
  const next = evaluate('t', { t: 'the next one' });
  await expect(forever).rejects.toThrow(new TookTooLong('The mapping failed: It took longer than 1 s.'));
  clearInterval(timer);
  expect(events[0]).toBe('timer');
  expect(await next).toBe('the next one');
});

it('mappings that run one after the other get their own results from one thread', async () => {
  const asked = Array.from({ length: 20 }, (_, n) => n);
  expect(await Promise.all(asked.map((n) => evaluate('n * 2', { n })))).toEqual(asked.map((n) => n * 2));
  expect(await evaluate('missing')).toBeUndefined();
});

const LARGE = { t: 'x'.repeat(3_000_000) };
it.each([
  ['whose result is too large', '[t, t, t]', 'Its result is too large'],
  ['that recurses without an end', '( $f := function($n) { 1 + $f($n) }; $f(0) )', 'Stack overflow'],
  ['that is no expression', '{', 'before end of expression'],
])('a mapping %s is refused with its reason', async (_what, mapping, reason) => {
  const error = await evaluate(mapping, LARGE).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NotUnderstood);
  expect((error as Error).message).toContain(reason);
});

it('a body that is nested too deeply to be handed over is refused, and the next one is read', async () => {
  const body: unknown = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
  await expect(evaluate('$', body)).rejects.toBeInstanceOf(NotUnderstood);
  expect(await evaluate('1')).toBe(1);
});
