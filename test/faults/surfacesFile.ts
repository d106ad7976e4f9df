import type { Dependencies } from './dependencies.ts';

/** A surface in maintenance for the whole run. It must be audited once, however often its file is read. */
export const PARKED = 'parked';

/** The content of the surfaces file. `sources`: how senders of alerts behave. */
export function surfacesOf({ services }: Dependencies, sources: readonly object[]): object {
  const window = {
    until: new Date(Date.now() + 30 * 24 * 3_600_000).toISOString(),
    reason: 'parked for the fault run',
  };
  return {
    surfaces: services.surfaces.map((each) => ({ ...each, maintenance: each.id === PARKED ? [window] : [] })),
    sources,
  };
}
