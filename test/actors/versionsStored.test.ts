import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import type { MachineEntry, PersistedSnapshot } from '../../src/actors/registry.ts';
import { hydrate, initial, persist, step } from '../../src/actors/step.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';

/**
 * One busy snapshot of each machine is kept for every version there ever was, named `<kind>-<version>.json`. A change
 * of a machine that shows in its file must raise the version in `src/app/machineRegistry.ts`, so that the old file stays and the
 * new one is added beside it (`npx vitest run test/actors/versionsStored.test.ts -u`).
 */
const FOLDER = join(packageRoot, 'test', 'fixtures', 'actors');
const AT = '2026-05-05T14:32:17.000Z';

const emitted = {
  type: 'EMITTED',
  alertId: 'abc',
  severity: 'P1',
  title: 'Disk is full',
  details: 'of /var',
  url: null,
  surfaceId: 'api',
  surfaceName: 'API',
  held: null,
  under: [],
  flapMaxEpisodes: 5,
  flapWindowMs: 600_000,
};
const checked = {
  type: 'CHECKED',
  outcome: 'down',
  error: 'HTTP 500',
  name: 'API',
  failuresToOpen: 1,
  successesToClose: 1,
  severity: { degraded: 'P3', down: 'P1' },
};
const member = { alertKey: 'monitor:abc', severity: 'P1', title: 'Disk is full' };

/** What each actor has behind it: in the middle of its work, with effects running and timers armed. */
const PASTS: Record<string, { id: string; events: { type: string }[] }> = {
  alert: { id: 'alert:monitor:abc', events: [emitted, { ...emitted, alertId: 'abd' } as { type: string }] },
  surface: {
    id: 'surface:api',
    events: [
      checked,
      { type: 'INVESTIGATE', clickId: 'click-1', by: 'mia' } as { type: string },
      { type: 'MAINTENANCE_SET', until: '2026-05-05T16:00:00.000Z', reason: 'upgrade', by: 'mia' } as { type: string },
    ],
  },
  umbrella: {
    id: 'umbrella:monitor',
    events: [{ type: 'TICKET_MEMBER', member } as { type: string }, { type: 'DM_MEMBER', member } as { type: string }],
  },
  grouped: {
    id: 'grouped:dm:umbrella:monitor:2',
    events: [
      {
        type: 'SEND',
        request: {
          id: 'dm:umbrella:monitor:2',
          thread: 'umbrella:monitor:1',
          kind: 'grouped',
          source: 'monitor',
          body: {},
        },
      } as { type: string },
    ],
  },
  recipient: {
    id: 'recipient:C024BE91L:monitor:abc',
    events: [
      {
        type: 'SEND',
        request: {
          id: 'dm:monitor:abc:1@C024BE91L',
          thread: 'alert:monitor:abc:1',
          kind: 'opened',
          source: 'monitor',
          body: {},
          to: 'C024BE91L',
        },
      } as { type: string },
    ],
  },
  letters: {
    id: 'letters',
    events: [{ type: 'OVERDUE', since: AT, count: 2 } as { type: string }],
  },
  connection: { id: 'connection', events: [{ type: 'LOST', targets: 2 } as { type: string }] },
  helpdesk: {
    id: 'helpdesk',
    events: [{ type: 'FAILED', who: 'alert:monitor:abc', problem: 'unavailable' } as { type: string }],
  },
};

function lived(entry: MachineEntry): AnyMachineSnapshot {
  const past = PASTS[entry.kind];
  if (!past) throw new Error(`add a past for "${entry.kind}"`);
  return past.events.reduce(
    (before, event) => step(entry, before, { ...event, at: AT } as never).snapshot,
    initial(entry, past.id),
  );
}

describe.each(machines)('the machine of $kind', (entry) => {
  it('is of the version that is stored, or has a new one', async () => {
    const stored = `${JSON.stringify(persist(entry, lived(entry)), null, 2)}\n`;
    await expect(stored).toMatchFileSnapshot(join(FOLDER, `${entry.kind}-${entry.version}.json`));
  });

  it('restores what every version of it has stored, with all fields of today and its work still running', () => {
    const files = readdirSync(FOLDER).filter((name) => name.startsWith(`${entry.kind}-`));
    expect(files).toHaveLength(entry.version);
    for (const file of files) {
      const version = Number(/-(\d+)\.json$/.exec(file)?.[1]);
      const stored = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as PersistedSnapshot;
      const restored = hydrate(entry, stored, version);
      expect(Object.keys(restored.context).toSorted()).toEqual(Object.keys(lived(entry).context).toSorted());
      expect(Object.keys(restored.children)).toEqual(Object.keys(stored.children));
    }
  });
});

it.each([
  ['counts as announced once its opening message is being sent', 'sending', true],
  ['does not count as announced while its opening message waits', 'idle', false],
])('an alert that an older release stored %s', (_, dm, told) => {
  const entry = machines.find(({ kind }) => kind === 'alert') as MachineEntry;
  const stored = JSON.parse(readFileSync(join(FOLDER, 'alert-6.json'), 'utf8')) as PersistedSnapshot;
  const value = { ...(stored.value as object), dm };
  expect(hydrate(entry, { ...stored, value, children: {} }, 6).context.told).toBe(told);
});

it('an alert that an older release left with the flag off is held by the flag, and files once it is on', () => {
  const entry = machines.find(({ kind }) => kind === 'alert');
  if (!entry) throw new Error('there is no machine of alerts');
  const stored = JSON.parse(readFileSync(join(FOLDER, 'alert-1.json'), 'utf8')) as PersistedSnapshot;
  const off = {
    ...stored,
    value: { ...(stored.value as object), ticket: 'flagOff' },
    context: { ...stored.context, auto: false, filing: null },
    children: {},
  };
  const restored = hydrate(entry, off, 1);
  expect(restored.matches({ ticket: 'heldBack' } as never)).toBe(true);
  expect(restored.context.held).toBe('flag_off');
  const { snapshot } = step(entry, restored, { ...emitted, at: AT } as never);
  expect(snapshot.matches({ ticket: 'filing' } as never)).toBe(true);
});
