import { expect, it } from 'vitest';
import type { Intake } from '../../../src/alerts/intake/intake.ts';
import { acceptRequests } from '../../../src/alerts/webhooks/acceptRequests.ts';

const withCode = (code: string, message: string) => Object.assign(new Error(message), { code });
const lock = withCode('55P03', 'canceling statement due to lock timeout');
const slow = withCode('57014', 'canceling statement due to statement timeout');
/** As the intake throws it for alerts that could not be stored. */
const notStored = (cause: Error, stored = 0) => new Error(`${stored} of 9 alerts are stored`, { cause });

/** Applies one request again and again, and returns what became of it each time, until it is a dead letter. */
async function fail(errors: readonly Error[]) {
  const failures: string[] = [];
  const statuses: string[] = [];
  for (const error of errors) {
    const accept: Intake['accept'] = () => Promise.reject(error);
    const work = { intake: { accept }, lease: { keep: async () => undefined, fence: async () => undefined } };
    const request = {
      ...{ id: '1', source: 'prom', sender: 'alertmanager', method: 'POST', rest: '', query: '', headers: {} },
      ...{
        body: Buffer.from(''),
        attempts: failures.length,
        failures: [...failures],
        receivedAt: new Date(),
        isDue: true,
      },
    };
    const [finished] = await acceptRequests(work, [{ request, alerts: [{}], notices: [], refused: 0 }]);
    statuses.push(finished?.status ?? '');
    failures.push(finished?.message ?? '');
  }
  return { statuses, failures };
}

const times = (n: number, error: Error): Error[] => Array.from({ length: n }, () => error);
const waiting = (n: number): string[] => Array.from({ length: n }, () => 'waiting');

it('a request is tried five times for one failure, however often another transaction locked its alerts before', async () => {
  const { statuses } = await fail([...times(6, lock), ...times(2, slow), lock, ...times(3, slow)]);
  expect(statuses).toEqual([...waiting(11), 'dead']);
});

it('a lock and a statement that takes too long count apart where the intake reports both in the same words', async () => {
  const { statuses, failures } = await fail([...times(6, notStored(lock)), ...times(5, notStored(slow))]);
  expect(statuses).toEqual([...waiting(10), 'dead']);
  expect(failures.at(-1)).toBe('canceling statement due to statement timeout: 0 of 9 alerts are stored');
});

it('a failure that differs only in a number counts as the same', async () => {
  const { statuses } = await fail([0, 3, 4, 7, 8].map((stored) => notStored(slow, stored)));
  expect(statuses).toEqual([...waiting(4), 'dead']);
});

it('a failure that names other alerts at each attempt counts as the same', async () => {
  const named = (stored: number) =>
    Array.from(
      { length: Math.min(10, 120 - stored) },
      (_, place) => `alert ${stored + place}: ${'long '.repeat(16)}`,
    ).join();
  const failing = [5, 20, 98, 115, 8].map(
    (stored) => new Error(`${stored} of 120 alerts are stored: ${named(stored)}`, { cause: slow }),
  );
  expect((await fail(failing)).statuses).toEqual([...waiting(4), 'dead']);
});
