import type { Pool } from 'pg';
import { HELPDESK_FAILS } from '../actors/projections/helpdesk.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { ACTIVE_SILENCES, asRead } from './silences/active.ts';
import type { ActiveSilence } from './silences/matching.ts';
import { SILENT_KEYS } from './silentKeys.ts';
import type { SourceRules } from './sources/rules.ts';
import { SUSPECT_KEYS } from './suspectKeys.ts';

/** What the database says at one moment about filings that want to be posted. */
export interface AdmissionFacts {
  autoTicket: boolean;
  helpdeskFails: boolean;
  /** The silences that are active, that which ends last first. */
  silences: readonly ActiveSilence[];
  /** Alerts that were not emitted for longer than the limit of their source. */
  silent: ReadonlySet<string>;
  /** Alerts that may be another active alert under a new id. */
  suspect: ReadonlySet<string>;
}

export interface AdmissionFactsDeps {
  pool: Pool;
  rules: () => Promise<(source: string) => Pick<SourceRules, 'silentAfterSeconds' | 'keepsIds'>>;
  /** The flag by its stored value, null if none is stored. */
  isAutoTicketOn: (stored: boolean | null) => boolean;
}

interface Row {
  flag: boolean | null;
  helpdesk_fails: boolean;
  silences: ActiveSilence[];
  silent: string[];
  suspect: string[];
}

/** Reads the facts about any number of alerts in one statement. */
export const readAdmissionFacts =
  ({ pool, rules, isAutoTicketOn }: AdmissionFactsDeps) =>
  async (alertKeys: readonly string[]): Promise<AdmissionFacts> => {
    const rulesOf = await rules();
    const known = alertKeys.map((key) => ({ key, ...rulesOf(key.slice(0, key.indexOf(':'))) }));
    const repeating = known.filter(({ silentAfterSeconds }) => silentAfterSeconds !== null);
    const { rows } = await queryPrepared<Row>(pool, FACTS, [
      repeating.map(({ key }) => key),
      repeating.map(({ silentAfterSeconds }) => silentAfterSeconds),
      known.filter(({ keepsIds }) => !keepsIds).map(({ key }) => key),
    ]);
    const { flag, helpdesk_fails, silences, silent, suspect } = rows[0] as Row;
    return {
      autoTicket: isAutoTicketOn(flag),
      helpdeskFails: helpdesk_fails,
      silences: asRead(silences),
      silent: new Set(silent),
      suspect: new Set(suspect),
    };
  };

const FACTS = prepared(`
  select (select enabled from flags where name = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET') as flag,
    exists (select from actors where ${HELPDESK_FAILS}) as helpdesk_fails, ${ACTIVE_SILENCES} as silences,
    array(${SILENT_KEYS('$1', '$2')}) as silent, array(${SUSPECT_KEYS('$3')}) as suspect`);
