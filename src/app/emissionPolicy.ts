import type { EmissionPolicy } from '../alerts/emission.ts';
import type { InShadow } from '../alerts/shadow/state.ts';
import { type ActiveSilence, silenceOf } from '../alerts/silences/matching.ts';
import type { Sources } from '../alerts/sources/sources.ts';
import type { Suppressions } from '../alerts/suppression.ts';
import type { Config } from '../config/config.ts';
import type { Flags } from '../flags/flags.ts';
import type { ReadNotificationRules } from '../notify/notificationRules.ts';
import { escalationFor } from '../notify/recipients.ts';

/** Reads the settings and suppressions that apply to an emission at this moment. */
export const createEmissionPolicy =
  ({
    flags,
    config,
    suppressions,
    sources,
    rules,
    recentSilences,
    shadowNow,
  }: {
    flags: Flags;
    config: Pick<Config, 'flap'>;
    suppressions: Suppressions;
    sources: Sources;
    rules: ReadNotificationRules;
    recentSilences: () => Promise<readonly ActiveSilence[]>;
    shadowNow: () => Promise<InShadow>;
  }) =>
  async (): Promise<EmissionPolicy> => {
    const [ofSource, notifications, silences, autoTicket, { of }] = await Promise.all([
      sources.allRules(),
      rules(),
      recentSilences(),
      flags.isOn('FLAG_CONSOLE_ALERTS_AUTO_TICKET'),
      suppressions.recent(),
      // For the filing that may follow, which then does not wait for it.
      shadowNow(),
    ]);
    return {
      autoTicket,
      isSilenced: (subject) => silenceOf(silences, subject) !== null,
      suppressionOf: of,
      flapMaxEpisodes: config.flap.maxEpisodes,
      flapWindowMs: config.flap.windowMinutes * 60_000,
      // The most specific value counts, even if it is 0.
      reopenWithinMs: (source, ofSurface) => (ofSurface ?? ofSource(source).reopenWithinMinutes) * 60_000,
      escalateAfterMs: (source) => minutesToMs(escalationFor(source, notifications)?.afterMinutes),
    };
  };

const minutesToMs = (minutes: number | undefined): number | null => (minutes === undefined ? null : minutes * 60_000);
