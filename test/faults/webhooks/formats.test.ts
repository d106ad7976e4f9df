import { expect, test } from 'vitest';
import { alertIdOf, readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { senderNamed } from '../../../src/alerts/senders/registry.ts';
import { NotUnderstood, type Sender, type SenderRequest } from '../../../src/alerts/senders/sender.ts';
import type { ExpectedAlert } from '../ledger.ts';
import { createRandom } from '../random.ts';
import type { Emission } from '../transport.ts';
import type { WebhookPost } from './format.ts';
import { FORMATS, type SenderName } from './formats.ts';

/** What a fault run expects of the program has to follow from the requests that it sends. */

const NAMES = Object.keys(FORMATS) as SenderName[];
const SETTINGS = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
const DRAWS = 30;
const to = { source: 'own', token: 'token-0123456789abcdef' };

const alert = (n: number): ExpectedAlert => ({
  ...{ source: 'own', alertId: `0000${10 + n}${'ab'.repeat(13)}`, severity: 'P1', title: `Fault ${n}/1: injected` },
  ...{ firing: true, startsAt: 1_790_000_000_000, endsAt: 1_790_000_060_000, mayGetLost: true },
});
const emission = (n: number, status: Emission['status']): Emission => ({
  ...{ alert: alert(n), status, severity: 'P1', at: 1_790_000_030_000 + n },
});

function read(name: SenderName, { method, path, headers, body }: WebhookPost) {
  const { pathname, search } = new URL(path, 'http://127.0.0.1');
  const rest = /^\/api\/webhooks\/opsgenie\/[^/]+\/(.*)$/.exec(pathname)?.[1] ?? '';
  const request: SenderRequest = { method, rest, query: search.slice(1), headers, body: Buffer.from(body) };
  return readRequest(senderNamed(name) as Sender, request, SETTINGS);
}

test.each(NAMES)('the program reads the requests of %s as they are meant', async (name) => {
  const random = createRandom(name);
  const format = FORMATS[name];
  for (let n = 0; n < DRAWS; n += 1) {
    for (const status of ['firing', 'resolved'] as const) {
      const sent = emission(n, status);
      const { alerts, refused } = await read(name, format.post([sent], to, { random, unusable: 0 }));
      expect(alerts).toEqual([expect.objectContaining({ alert_id: alertIdOf(format.identity(sent.alert)), status })]);
      expect(refused).toBe(0);
      if (status === 'firing')
        expect(alerts).toEqual([
          expect.objectContaining({ severity: 'P1', title: expect.stringContaining(sent.alert.title) }),
        ]);
    }
  }
});

test.each(['alertmanager', 'grafana'] as const)(
  'a group of %s may have unusable alerts among the others',
  async (name) => {
    const post = FORMATS[name].post([emission(1, 'firing'), emission(2, 'resolved')], to, {
      ...{ random: createRandom(name), unusable: 2 },
    });
    const { alerts, refused } = await read(name, post);
    expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved']);
    expect(refused).toBe(2);
  },
);

test.each(NAMES)('nobody can understand the malformed requests of %s', async (name) => {
  const random = createRandom(name);
  for (let n = 0; n < DRAWS; n += 1)
    await expect(read(name, FORMATS[name].malformed(to, random))).rejects.toThrow(NotUnderstood);
});
