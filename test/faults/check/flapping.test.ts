import { expect, test } from 'vitest';
import type { Move } from '../finalState.ts';
import { moveAt } from '../samples.ts';
import { episodesOf } from './episodes.ts';
import { checkFlapping } from './flapping.ts';

const MINUTE = 60_000;

/** An outage of one service, in minutes, whose alert has this letter. A capital says that the service is flapping. */
const outage = (letter: string, from: number, until: number): Move[] => {
  const key = `status_poller:${letter.toLowerCase()}`;
  const flapping = letter !== letter.toLowerCase();
  return [
    moveAt({ key, severity: 'P1', surfaceId: 'service-1', flapping, at: from * MINUTE }),
    moveAt({ key, type: 'RESOLVED', at: until * MINUTE }),
  ];
};
const quiet = (letter: string, at: number): Move =>
  moveAt({ key: `status_poller:${letter}`, type: 'QUIET', at: at * MINUTE });
const firstThree = [...outage('a', 0, 1), ...outage('b', 2, 3), ...outage('C', 4, 5)];

const complaintsOf = (...moves: Move[]) =>
  checkFlapping(moves).violations.map(({ kind, what }) => (kind === 'wrong_flapping' ? what : kind));

test('from the third outage within an hour on, outages continue one alert until the service was up for half an hour', () => {
  const flapping = [
    ...firstThree,
    ...outage('C', 6, 7),
    ...outage('C', 30, 31),
    quiet('c', 61),
    ...outage('d', 70, 71),
  ];
  expect(checkFlapping(flapping)).toEqual({ violations: [], counts: { outages: 6, continued: 2 } });
  const [, , c, d] = [...episodesOf(flapping).values()];
  expect(c).toMatchObject([{ n: 1, from: 4 * MINUTE, until: 61 * MINUTE, severities: [{ severity: 'P1' }] }]);
  expect(d).toMatchObject([{ n: 1, until: 71 * MINUTE }]);
});

test('an alert of a flapping service is open while the service is up', () => {
  expect(episodesOf(firstThree).get('status_poller:c')).toMatchObject([{ until: null }]);
});

test('a new alert of a flapping service is a violation', () => {
  expect(complaintsOf(...firstThree, ...outage('D', 6, 7))).toEqual([
    'service-1: status_poller:d is a new alert after 60 s, although the service was flapping',
  ]);
});

test('an outage that continues the alert of a service which is not flapping is a violation', () => {
  expect(complaintsOf(...outage('a', 0, 1), ...outage('a', 2, 3))).toEqual([
    'service-1: status_poller:a was continued by an outage, although the service was not flapping',
  ]);
});

test('an alert that is continued long after its last outage, or ends soon after it, is a violation', () => {
  expect(complaintsOf(...firstThree, ...outage('C', 40, 41))).toEqual([
    'service-1: status_poller:c was continued after 2100 s without an outage',
  ]);
  expect(complaintsOf(...firstThree, quiet('c', 20))).toEqual([
    'service-1: status_poller:c ended 900 s after its outage, although the service was flapping',
  ]);
});

test('an alert must say that its service is flapping exactly after three outages within an hour', () => {
  expect(complaintsOf(...outage('a', 0, 1), ...outage('b', 2, 3), ...outage('c', 4, 5))).toEqual([
    'service-1: status_poller:c does not say that the service is flapping, after 3 outages',
  ]);
  expect(complaintsOf(...outage('a', 0, 1), ...outage('B', 2, 3))).toEqual([
    'service-1: status_poller:b says that the service is flapping, after 2 outages',
  ]);
  expect(complaintsOf(...outage('a', 0, 1), ...outage('b', 30, 31), ...outage('C', 90, 91))).toEqual([
    'service-1: status_poller:c says that the service is flapping, after 3 outages',
  ]);
});

test('an alert that learns of its end after the next outage has begun is no violation', () => {
  const [begun, ended] = outage('a', 0, 2);
  expect(complaintsOf(begun as Move, ...outage('b', 1, 3).slice(0, 1), ended as Move)).toEqual([]);
});
