import type { SourceConfig } from '../../surfaces/fileSources.ts';
import { POLLER_SOURCE } from '../emission.ts';
import { senderNamed } from '../senders/registry.ts';
import { missedSeconds } from './ownInterval.ts';

/** How an alert source behaves: how often it repeats an active alert, and whether it keeps its ids. Pure. */

export interface SourceRules {
  /**
   * An alert that was not repeated for so long is not filed anew, unless its surface is checked more rarely. Null: a source
   * that does not repeat is never silent.
   */
  silentAfterSeconds: number | null;
  /**
   * An alert whose ticket a person closed is a new one if it was not sent for so long before. An emission that comes earlier
   * may be a repeat, also of a source that is never silent.
   */
  expiresAfterSeconds: number;
  /** The console shows the sender as silent from this age on. */
  shownSilentAfterSeconds: number | null;
  /** Its ids are never suspected to change with each emission. */
  keepsIds: boolean;
  /** An episode that begins within this time after the last one continues its ticket; 0 if none does. */
  reopenWithinMinutes: number;
}

export interface SourceFacts {
  /** What the surfaces file says about it, if anything. */
  declared: SourceConfig | undefined;
  /** The interval that it was seen to keep, if any. */
  learnedSeconds: number | undefined;
  /** The sender whose webhook it used last, if any. */
  sender: string | undefined;
}

/** What holds for a source of which the file says nothing. */
export interface SourceDefaults {
  silentAfterMinutes: number;
  reopenWithinMinutes: number;
  pollIntervalSeconds: number;
}

/** Repeats are recorded once a minute, so a shorter pause may be none. */
const SHOWN_AFTER_SECONDS = 300;
/** Alertmanager and Grafana repeat an alert every four hours unless they are set otherwise, and at least once a day. */
const SENDER_SILENT_MINUTES = 25 * 60;

export function rulesOf(source: string, facts: SourceFacts, settings: SourceDefaults): SourceRules {
  const sender = senderNamed(facts.declared?.kind ?? facts.sender ?? '');
  const repeats = repeatSeconds(source, facts, settings);
  const keepsIds =
    source === POLLER_SOURCE ||
    sender?.keepsIds === true ||
    facts.declared?.stableIds === true ||
    facts.declared?.repeatSeconds === null;
  const reopenWithinMinutes = facts.declared?.reopenWithinMinutes ?? settings.reopenWithinMinutes;
  const always = { keepsIds, reopenWithinMinutes };
  const longLimit = Math.max(settings.silentAfterMinutes, SENDER_SILENT_MINUTES);
  const isInterval = sender?.repeats === 'interval';
  const limitSeconds = (isLong: boolean) =>
    60 * (facts.declared?.silentAfterMinutes ?? (isLong ? longLimit : settings.silentAfterMinutes));
  if (repeats === null) {
    const seen = facts.learnedSeconds === undefined ? 0 : missedSeconds(facts.learnedSeconds);
    const expiresAfterSeconds = Math.max(limitSeconds(isInterval || sender?.clientsMayRepeat === true), seen);
    return { silentAfterSeconds: null, shownSilentAfterSeconds: null, expiresAfterSeconds, ...always };
  }
  const missed = missedSeconds(repeats);
  const limit = Math.max(limitSeconds(isInterval), missed);
  return {
    silentAfterSeconds: limit,
    expiresAfterSeconds: limit,
    shownSilentAfterSeconds: Math.min(limit, Math.max(SHOWN_AFTER_SECONDS, missed)),
    ...always,
  };
}

function repeatSeconds(source: string, facts: SourceFacts, settings: SourceDefaults): number | null {
  if (source === POLLER_SOURCE) return settings.pollIntervalSeconds;
  if (facts.declared?.repeatSeconds !== undefined) return facts.declared.repeatSeconds;
  if (senderNamed(facts.declared?.kind ?? facts.sender ?? '')?.repeats === 'once') return null;
  return facts.learnedSeconds ?? null;
}
