import type { EmissionPolicy } from '../alerts/emission.ts';
import type { InShadow } from '../alerts/shadow/state.ts';
import type { Sources } from '../alerts/sources/sources.ts';
import type { Suppressions } from '../alerts/suppression.ts';
import type { Config } from '../config/config.ts';
import type { Flags } from '../flags/flags.ts';

/** Reads the settings and suppressions that apply to an emission at this moment. */
export const createEmissionPolicy =
  ({
    flags,
    config,
    suppressions,
    sources,
    shadowNow,
  }: {
    flags: Flags;
    config: Pick<Config, 'flap'>;
    suppressions: Suppressions;
    sources: Sources;
    shadowNow: () => Promise<InShadow>;
  }) =>
  async (): Promise<EmissionPolicy> => {
    const [rules, autoTicket, { of }] = await Promise.all([
      sources.allRules(),
      flags.isOn('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
      suppressions.recent(),
      // For the filing that may follow, which then does not wait for it.
      shadowNow(),
    ]);
    return {
      autoTicket,
      suppressionOf: of,
      flapMaxEpisodes: config.flap.maxEpisodes,
      flapWindowMs: config.flap.windowMinutes * 60_000,
      // The most specific value counts, also where it is 0.
      reopenWithinMs: (source, ofSurface) => (ofSurface ?? rules(source).reopenWithinMinutes) * 60_000,
    };
  };
