import { expect, it } from 'vitest';
import type { UmbrellaMember } from '../../machines/shared/protocol.ts';
import { alertQueued, messageStarted } from '../../machines/umbrella/groupedMessage.ts';
import { initialContext } from '../../machines/umbrella/members.ts';
import { composeDm } from '../../src/notify/composeDm.ts';
import { escaped, render } from '../../src/notify/slack/blocks.ts';

/** Slack rejects a message with more text than this. */
const SLACK_TAKES = 12_500;

const shown = (members: UmbrellaMember[]): { count: number; text: string } => {
  let context = initialContext('umbrella:monitor');
  for (const member of members) context = { ...context, ...alertQueued(context, member) };
  const count = messageStarted(context).saying ?? 0;
  const body = { source: 'monitor', members: context.unsaid.slice(0, count), count, ticket: null };
  const { blocks } = render(
    composeDm({ id: 'x', thread: 'x', kind: 'grouped', source: 'monitor', body }, 'http://127.0.0.1:3000'),
  );
  expect(blocks.length).toBeLessThanOrEqual(50);
  return { count, text: JSON.stringify(blocks) };
};
const member = (n: number, title: string, fill: string): UmbrellaMember => ({
  alertKey: `monitor:${String(n).padStart(16, fill)}`,
  severity: n % 3 === 0 ? 'P1' : 'P2',
  title: `${n} ${title}`,
});

it.each([
  ['short titles', 'is down', '0', 150],
  ['long titles', 'x'.repeat(2_000), '0', 50],
  ['titles that grow when escaped', '<'.repeat(115), '0', 10],
  ['titles of ampersands', '&'.repeat(115), '0', 10],
  ['keys of ampersands', 'x', '&', 90],
])('a grouped message with %s lists every alert that it counts', (_, title, fill, least) => {
  const all = Array.from({ length: 400 }, (_, n) => member(n, title, fill));
  const { count, text } = shown(all);
  expect(count).toBeGreaterThanOrEqual(least);
  for (const { alertKey } of all.slice(0, count)) expect(text).toContain(`(${escaped(alertKey, 1_000)})`);
  expect(text.length).toBeLessThan(SLACK_TAKES);
});

it('a message of a kind that only another release knows is refused instead of being sent without content', () => {
  const request = { id: 'x', thread: 'x', kind: 'weather' as never, source: null, body: {} };
  expect(() => composeDm(request, 'http://127.0.0.1:3000')).toThrow('does not know the direct message "weather"');
});
