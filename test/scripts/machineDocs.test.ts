import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineDocs, referenceExists } from '../../scripts/machine-docs.ts';
import { SITUATIONS } from '../../scripts/machine-situations.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';

const generated = await machineDocs();

it.each([...generated.keys()])('%s shows the machines as they are; "npm run docs" writes it anew', async (path) => {
  const written = await readFile(join(packageRoot, path), 'utf8').catch(() => 'nothing');
  expect(written === generated.get(path), `${path} is stale: run "npm run docs"`).toBe(true);
});

describe('the table of situations', () => {
  it.each(Object.values(SITUATIONS).flat())(
    'names only states, transitions and files that exist: $situation',
    ({ by }) => {
      expect(by.length).toBeGreaterThan(0);
      expect(by.filter((reference) => !referenceExists(reference))).toEqual([]);
    },
  );

  it.each([
    ['a file', 'src/tickets/findReusable.ts'],
    ['a state', 'alert:ticket.ticketed'],
    ['a state that does not take an event', 'alert:ticket.ticketed -EMITTED'],
    ['a transition', 'alert:ticket.waiting TRY'],
    ['a transition with its target', 'alert:ticket.waiting TRY → ticket.filing'],
    ['a transition with its target in the same region', 'surface:investigation.filing done file [isFiled] → idle'],
  ])('accepts a reference to %s', (_, reference) => {
    expect(referenceExists(reference)).toBe(true);
  });

  it.each([
    ['a missing file', 'src/tickets/none.ts'],
    ['a missing machine', 'alarm:ticket.ticketed'],
    ['a missing state', 'alert:ticket.closed'],
    ['a transition with another target', 'alert:ticket.waiting TRY → ticket.ticketed'],
    ['an event that the state does take', 'alert:ticket.waiting -TRY'],
  ])('rejects a reference to %s', (_, reference) => {
    expect(referenceExists(reference)).toBe(false);
  });
});
