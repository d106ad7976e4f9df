import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { perform } from '../../../src/sandbox/drill/runDrills.ts';
import { run } from '../../commands/run.ts';

// Each failure mode takes what its waits take: the help desk is tried again every 30 s.
const MINUTES_MS = 240_000;

it(
  'the program behaves in all four failure modes of the runbook',
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

it(
  'a hundred services down at once are twenty tickets and one that names the others, and the console answers throughout',
  async () => {
    const { out, failure } = await run(['drill', 'hundred']);
    expect({ failure, out: out.filter((line) => /^(PASS|FAIL)/.test(line)).map((line) => line.slice(0, 4)) }).toEqual({
      failure: null,
      out: ['PASS'],
    });
  },
  MINUTES_MS,
);

it('a drill that does not come out as promised is named with what was expected, and keeps no other from passing', async () => {
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
