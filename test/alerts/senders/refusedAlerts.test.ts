import { expect, it } from 'vitest';
import type { Intake } from '../../../src/alerts/intake/intake.ts';
import { applyRequests } from '../../../src/alerts/webhooks/applyRequests.ts';

const SETTINGS = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
const answer = { accepted: 2, rejected: [], warnings: [] };
const intake = { accept: async () => answer } as unknown as Intake;
const work = { intake, lease: { keep: async () => undefined, fence: async () => undefined } };

const request = (alerts: unknown[]) => ({
  id: '1',
  source: 'prom',
  sender: 'alertmanager',
  method: 'POST',
  rest: '',
  query: '',
  headers: {},
  body: Buffer.from(JSON.stringify({ alerts })),
  attempts: 0,
  failures: [],
  receivedAt: new Date(),
  isDue: true,
});
const usable = (fingerprint: string) => ({ status: 'firing', labels: { alertname: 'DiskFull' }, fingerprint });

it('alerts that an adapter cannot use are counted as rejected, and the others of the request are taken', async () => {
  const { finished } = await applyRequests(work, [request([usable('a'), {}, usable('b')])], SETTINGS);
  expect(finished).toEqual([{ id: '1', status: 'done', alerts: 2, rejected: 1, leftOut: 0 }]);
});

it('the intake is told when the request of each alert was stored', async () => {
  const told: unknown[] = [];
  const accept: Intake['accept'] = async (_source, sent, { arrivedAt } = {}) => {
    told.push(sent.map((alert, n) => [(alert as { title: string }).title, arrivedAt?.[n]?.toISOString()]));
    return { accepted: sent.length, alerts: [] };
  };
  const [first, second] = [new Date('2026-05-05T14:00:00Z'), new Date('2026-05-05T14:30:00Z')];
  const named = (alertname: string) => ({ ...usable(alertname), labels: { alertname } });
  const requests = [
    { ...request([named('a'), named('b')]), receivedAt: first },
    { ...request([named('c')]), id: '2', receivedAt: second },
  ];
  await applyRequests({ ...work, intake: { accept } }, requests, SETTINGS);
  expect(told).toEqual([
    [
      ['a', first.toISOString()],
      ['b', first.toISOString()],
      ['c', second.toISOString()],
    ],
  ]);
});

it('a request of which no alert can be used becomes a dead letter with the first reason', async () => {
  const { finished } = await applyRequests(work, [request([{}, 7])], SETTINGS);
  expect(finished).toMatchObject([
    { status: 'dead', reason: 'not_understood', message: 'alerts.0 has neither a fingerprint nor labels.' },
  ]);
});
