import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEmission } from '../../../src/alerts/intake/readEmission.ts';
import { alertIdOf, readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { SENDERS } from '../../../src/alerts/senders/registry.ts';
import { expectedPath, fixturesOf, readFixture } from './fixtures.ts';

const NOTHING = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };

describe.each(SENDERS.map((sender) => [sender.title, sender] as const))('%s', (_title, sender) => {
  it.each(fixturesOf(sender.name).map((fixture) => [fixture.what, fixture] as const))('%s', async (_what, fixture) => {
    const expected = JSON.parse(readFileSync(expectedPath(fixture), 'utf8')) as { alerts?: unknown[] };
    expect(await readFixture(sender, fixture)).toEqual(expected);
    // The intake takes every alert that an adapter reads.
    for (const alert of expected.alerts ?? []) expect(readEmission(alert)).toHaveProperty('alert');
  });

  it('at least five odd requests are stored as fixtures', () => {
    expect(fixturesOf(sender.name).length).toBeGreaterThanOrEqual(6);
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

const fail = (): never => {
  throw new Error('no sample');
};

it('the identity of an alert is hashed, so that its first characters tell alerts apart', () => {
  expect(alertIdOf(['abc'])).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
