import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { perform } from '../../../src/sandbox/drill/runDrills.ts';
import { run } from '../../commands/run.ts';

// A drill waits for retries of FreeScout, which are 30 s apart.
const MINUTES_MS = 600_000;

it(
  'the drills of all four failure modes of the runbook pass',
  async () => {
    const { out, failure } = await run(['drill']);
    expect({ failure, failed: out.filter((line) => line.startsWith('FAIL')) }).toEqual({ failure: null, failed: [] });
    expect(
      out
        .filter((line) => line.startsWith('PASS'))
        .map((line) => line.split(/\s+/)[1])
        .sort(),
    ).toEqual(['flood', 'missing', 'outage', 'recovered']);
  },
  MINUTES_MS,
);

it('a drill that fails is reported with the expected and the actual value, and other drills still pass', async () => {
  const out: string[] = [];
  const drill = { surfaceIds: [] };
  const failed = await perform(
    [
      { ...drill, name: 'broken', run: () => Promise.reject(new Error('tickets: expected 1, found 2')) },
      { ...drill, name: 'fine', run: () => sleep(1) },
    ],
    { out: (line) => void out.push(line), err: () => undefined },
  );
  expect(failed).toEqual(['broken']);
  expect(out).toContain('FAIL  broken     tickets: expected 1, found 2');
  expect(out.some((line) => /^PASS {2}fine/.test(line))).toBe(true);
});
