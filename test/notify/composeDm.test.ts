import { expect, it } from 'vitest';
import type { UmbrellaMember } from '../../machines/shared/protocol.ts';
import { alertQueued, messageStarted } from '../../machines/umbrella/groupedMessage.ts';
import { initialContext } from '../../machines/umbrella/members.ts';
import { composeDm } from '../../src/notify/composeDm.ts';
import { render } from '../../src/notify/slack/blocks.ts';

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
const member = (n: number, title: string): UmbrellaMember => ({
  alertKey: `monitor:${String(n).padStart(16, '0')}`,
  severity: n % 3 === 0 ? 'P1' : 'P2',
  title: `${n} ${title}`,
});

it.each([
  ['short titles', 'is down', 150],
  ['long titles', 'x'.repeat(2_000), 50],
  ['titles that grow when escaped', '<'.repeat(115), 10],
  ['titles of ampersands', '&'.repeat(115), 10],
])('a grouped message with %s lists every alert that it counts', (_, title, least) => {
  const { count, text } = shown(Array.from({ length: 400 }, (_, n) => member(n, title)));
  expect(count).toBeGreaterThanOrEqual(least);
  for (let n = 0; n < count; n++) expect(text).toContain(`monitor:${String(n).padStart(16, '0')}`);
  expect(text.length).toBeLessThan(SLACK_TAKES);
});

it('a message of a kind that only another release knows is refused instead of being sent without content', () => {
  const request = { id: 'x', thread: 'x', kind: 'weather' as never, source: null, body: {} };
  expect(() => composeDm(request, 'http://127.0.0.1:3000')).toThrow('does not know the direct message "weather"');
});
