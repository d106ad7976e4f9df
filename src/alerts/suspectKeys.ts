import { alertActorSql } from '../actors/projections/actorId.ts';
import { IS_ACTIVE } from '../actors/projections/alert.ts';
import { CYCLE_MAX_MS, CYCLE_MIN_MS } from './idChurnRule.ts';

/** The next look comes within 30 s after that, so a suspicion ends within three minutes. */
export const MAX_SUSPICION_SECONDS = 150;

/**
 * SQL of the alerts among `keys`, an array, that may be another active alert with the same fingerprint under a new id,
 * while the next cycles are not over. Compares each id with the latest unrepeated active id of the same fingerprint before
 * it. The suspicion ends 1.5 of their distance and 10 s after the last such id, and in any case some time after its own
 * first emission, or where that lies ahead because the clock was set back.
 */
export const SUSPECT_KEYS = (keys: string): string => `
  select this.alert_key from alert_identities this
  join lateral (
    select p.first_seen_at from alert_identities p join actors a on a.id = ${alertActorSql('p.alert_key')}
    where p.alike = this.alike and not p.repeated and ${IS_ACTIVE}
      and p.first_seen_at < this.first_seen_at - ${CYCLE_MIN_MS} * interval '1 millisecond'
      and p.first_seen_at > this.first_seen_at - ${CYCLE_MAX_MS} * interval '1 millisecond'
    order by p.first_seen_at desc limit 1) before on true
  join lateral (
    select max(l.first_seen_at) as at from alert_identities l where l.alike = this.alike and not l.repeated) last on true
  where this.alert_key = any(${keys}) and not this.repeated
    and clock_timestamp() < last.at + 1.5 * (this.first_seen_at - before.first_seen_at) + interval '10 seconds'
    and clock_timestamp() between this.first_seen_at - interval '10 seconds'
      and this.first_seen_at + interval '${MAX_SUSPICION_SECONDS} seconds'`;
