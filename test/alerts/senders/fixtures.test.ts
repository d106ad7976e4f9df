import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEmission } from '../../../src/alerts/intake/readEmission.ts';
import { alertIdOf, readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { SENDERS } from '../../../src/alerts/senders/registry.ts';
import { TEST_MARK } from '../../../src/alerts/senders/testMark.ts';
import { expectedPath, fixturesOf, readFixture } from './fixtures.ts';

const NOTHING = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };

describe.each(SENDERS.map((sender) => [sender.title, sender] as const))('%s', (_title, sender) => {
  it.each(fixturesOf(sender.name).map((fixture) => [fixture.what, fixture] as const))('%s', async (_what, fixture) => {
    const expected = JSON.parse(readFileSync(expectedPath(fixture), 'utf8')) as { alerts?: unknown[] };
    expect(await readFixture(sender, fixture)).toEqual(expected);
    // The intake takes every alert that an adapter reads.
    for (const alert of expected.alerts ?? []) expect(readEmission(alert)).toHaveProperty('alert');
  });

  it('at least five odd requests and an ordinary one are stored as fixtures', () => {
    const [odd, ordinary] = [true, false].map((wanted) =>
      fixturesOf(sender.name).filter(({ odd = false }) => odd === wanted),
    );
    expect(odd?.length).toBeGreaterThanOrEqual(5);
    expect(ordinary?.length).toBeGreaterThanOrEqual(1);
  });

  it('the test of the console fires and resolves one alert, which is recorded only', async () => {
    const samples = [sender.sample('firing', 'Test'), sender.sample('resolved', 'Test')];
    if (sender.name === 'generic') return expect(samples).toEqual([null, null]);
    const read = await Promise.all(
      samples.map((sample) => readRequest(sender, { rest: '', query: '', ...(sample ?? fail()) }, NOTHING)),
    );
    const [firing, resolved] = read.map(({ alerts }) => alerts[0]);
    expect(firing).toMatchObject({ status: 'firing', severity: 'none' });
    expect(resolved).toMatchObject({ status: 'resolved', alert_id: firing?.alert_id });
  });
});

it.each(SENDERS.filter(({ name }) => name !== 'generic').map((sender) => [sender.title, sender] as const))(
  '%s: the test of the console is recorded only, whatever its source calls a severity',
  async (_title, sender) => {
    const { headers, ...sample } = sender.sample('firing', 'Test') ?? fail();
    const request = { rest: '', query: '', ...sample, headers: { ...headers, ...TEST_MARK } };
    const severity = { info: 'P2', none: 'P1', default: 'P1' } as const;
    const { alerts } = await readRequest(sender, request, { ...NOTHING, severity });
    expect(alerts).toMatchObject([{ status: 'firing', severity: 'none' }]);
  },
);

const fail = (): never => {
  throw new Error('no sample');
};

it('the identity of an alert is hashed, so that its first characters tell alerts apart', () => {
  expect(alertIdOf(['abc'])).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('an alert without a time of its sender is given none, which could not be compared with those of the sender', async () => {
  const timesOf = async (name: string, body: unknown) => {
    const sender = SENDERS.find((each) => each.name === name) ?? fail();
    const request = { method: 'POST', rest: '', query: '', headers: {}, body: Buffer.from(JSON.stringify(body)) };
    const { alerts } = await readRequest(sender, request, NOTHING, new Date('2026-05-05T14:30:00.000Z'));
    return alerts.map(({ at, starts_at, ends_at }) => [at, starts_at, ends_at]);
  };
  const startsAt = '2026-05-05T14:00:00Z';
  const alerts = [{ status: 'firing', startsAt }, { status: 'firing' }, { status: 'resolved', startsAt }];
  const group = alerts.map((each, n) => ({ ...each, fingerprint: String(n), labels: { alertname: 'x' } }));
  expect(await timesOf('alertmanager', { version: '4', alerts: group })).toEqual([
    [undefined, startsAt, undefined],
    [undefined, undefined, undefined],
    [undefined, startsAt, undefined],
  ]);
  const payload = { summary: 'x', source: 'y', severity: 'error', timestamp: startsAt };
  expect(await timesOf('pagerduty', { event_action: 'trigger', dedup_key: 'k', payload })).toEqual([
    [undefined, startsAt, undefined],
  ]);
  expect(await timesOf('gatus', { name: 'x', status: 'RESOLVED' })).toEqual([[undefined, undefined, undefined]]);
});

it('an instant that lay in the future when its request arrived counts as not given, however late that is worked on', async () => {
  const receivedAt = new Date('2026-05-05T14:30:00.000Z');
  const timesOf = async (startsAt: string) => {
    const alerts = [{ status: 'firing', startsAt, fingerprint: '1', labels: { alertname: 'x' } }];
    const sender = SENDERS.find((each) => each.name === 'alertmanager') ?? fail();
    const body = Buffer.from(JSON.stringify({ version: '4', alerts }));
    const request = { method: 'POST', rest: '', query: '', headers: {}, body };
    const read = await readRequest(sender, request, NOTHING, receivedAt);
    return read.alerts.map(({ at, starts_at }) => [at, starts_at]);
  };
  expect(await timesOf('2026-05-05T15:30:00Z')).toEqual([[undefined, undefined]]);
  expect(await timesOf('2026-05-05T14:30:59Z')).toEqual([[undefined, '2026-05-05T14:30:59Z']]);
});
