import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Odds } from '../faultMix.ts';
import { createLedger, type ExpectedAlert, type Ledger } from '../ledger.ts';
import { createRandom } from '../random.ts';
import type { SenderName } from './formats.ts';
import { startGateways } from './gateways.ts';
import { createWebhookTransport } from './webhookTransport.ts';

/** What the program answers; the last one again and again. */
let answers: number[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(answers.length > 1 ? (answers.shift() ?? 202) : (answers[0] ?? 202)).end('{"accepted":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void server.close());

const alert: ExpectedAlert = {
  ...{ source: 'own', alertId: `00000a${'ab'.repeat(13)}`, severity: 'P1', title: 'Fault 1/1: injected' },
  ...{ firing: true, startsAt: 1_790_000_000_000, endsAt: null, mayGetLost: true },
};

interface Sending {
  answers: number[];
  status?: 'firing' | 'resolved';
  odds?: Odds;
  port?: number;
}

/** Lets a sender send an alert, or its resolution. */
async function expectSent(sender: SenderName, sending: Sending, arrives: boolean, outcomes: string[]): Promise<void> {
  answers = sending.answers;
  const ledger: Ledger = createLedger();
  const random = createRandom(`${sender} sends`);
  const { port } = server.address() as AddressInfo;
  const gateways = await startGateways({
    ...{ webs: [`http://127.0.0.1:${sending.port ?? port}`], ledger, random },
    ...{ isFaulty: () => sending.odds !== undefined, odds: sending.odds ?? {} },
  });
  onTestFinished(() => gateways.stop());
  const { send } = createWebhookTransport({
    ...{ sender, to: { source: 'own', token: 'own-token' }, gateways: gateways.urls },
    ...{ ledger, random, malformedShare: 0 },
  });
  const { status = 'firing' } = sending;
  expect(await send([{ alert, status, severity: 'P1', at: 1_790_000_000_001 }])).toBe(arrives);
  // The sender may have its answer before the network has seen the end of the call.
  await expect.poll(() => ledger.webhooks.map(({ outcome }) => outcome).toSorted()).toEqual(outcomes.toSorted());
}

test('Uptime Kuma speaks once, a client of PagerDuty tries again on 503 and 429, and one of Opsgenie not on 408', async () => {
  await expectSent('uptime-kuma', { answers: [503, 200] }, false, ['unknown']);
  await expectSent('pagerduty', { answers: [503, 429, 202] }, true, ['unknown', 'not_stored', 'stored']);
  await expectSent('opsgenie', { answers: [408] }, false, ['not_stored']);
});

test('Gatus sends an alert again at its next check, and a resolution never', async () => {
  await expectSent('gatus', { answers: [503, 200] }, true, ['unknown', 'stored']);
  await expectSent('gatus', { answers: [503, 200], status: 'resolved' }, false, ['unknown']);
});

test('a pair of Alertmanagers sends twice, and again after 408', async () => {
  await expectSent('alertmanager', { answers: [408, 202] }, true, ['not_stored', 'stored', 'stored']);
});

test('a request whose answer broke off was stored, and one that was reset or refused was not', async () => {
  await expectSent('uptime-kuma', { answers: [200], odds: { half: 100 } }, false, ['stored']);
  await expectSent('uptime-kuma', { answers: [200], odds: { reset_before: 100 } }, false, ['not_stored']);
  await expectSent('uptime-kuma', { answers: [200], port: 9 }, false, ['not_stored']);
});
