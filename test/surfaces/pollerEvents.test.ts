import { expect, it } from 'vitest';
import { checkedEvent } from '../../src/surfaces/pollerEvents.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';

/** The window of a check, in milliseconds: the value of the surface, and that of its source or the setting. */
function windowOf(own: number | undefined, inherited: number | undefined) {
  const surface = { id: 'api', name: 'API', url: 'http://127.0.0.1:9/', reopen_within_minutes: own };
  const [config] = parseSurfaces(JSON.stringify({ surfaces: [surface] }), 'test');
  if (!config) throw new Error('no surface was read');
  const result = {
    surface: { id: 'api', config, claimed_at: new Date() },
    check: { surfaceId: 'api', at: new Date(), outcome: 'up', latencyMs: 1, httpStatus: 200, error: null } as const,
  };
  const policy = inherited === undefined ? {} : { reopenWithinMinutes: inherited };
  return (checkedEvent(result, policy).event as { reopenWithinMs?: number }).reopenWithinMs;
}

it.each<[what: string, own: number | undefined, inherited: number | undefined, window: number | undefined]>([
  ['a surface without a value inherits that of its source', undefined, 30, 1_800_000],
  ['the value of a surface counts first', 5, 30, 300_000],
  ['0 of a surface turns it off', 0, 30, undefined],
  ['no value at all is off', undefined, undefined, undefined],
])('%s', (_what, own, inherited, window) => {
  expect(windowOf(own, inherited)).toBe(window);
});
