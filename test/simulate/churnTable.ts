import type { AlertContext } from '../../machines/alert/types.ts';
import { CYCLE_MAX_MS, CYCLE_MIN_MS } from '../../src/alerts/idChurnRule.ts';
import type { ChurnGroup, IdChurnStore, SeenId } from '../../src/alerts/idChurnStore.ts';
import { MAX_SUSPICION_SECONDS } from '../../src/alerts/suspectKeys.ts';
import type { Calls } from './calls.ts';
import type { Owner } from './clock.ts';
import type { IdentityRow, Tables } from './tables.ts';

const JUDGED_IDS = 40;

/** The store of changing ids of one process, with the rules of `src/alerts/idChurnStore.ts` and tables in memory. */
export function createChurnTable(
  tables: Tables,
  { calls, owner, now }: { calls: Calls; owner: Owner; now: () => number },
): IdChurnStore {
  const { identities, churnGroups } = tables;
  const isActive = (alertKey: string) => isActiveKey(tables, alertKey);
  const alike = (fingerprint: string): IdentityRow[] =>
    [...identities.values()].filter((row) => row.fingerprint === fingerprint);
  const unrepeated = (fingerprint: string): IdentityRow[] => alike(fingerprint).filter(({ repeated }) => !repeated);

  const seenId = ({ alertKey, fingerprint, repeated, firstSeenAt }: IdentityRow): SeenId => ({
    ...{ alert_key: alertKey, fingerprint, repeated },
    age_seconds: (now() - firstSeenAt) / 1_000,
    has_others: unrepeated(fingerprint).some((other) => other.alertKey !== alertKey),
    is_grouped: churnGroups.has(fingerprint),
  });

  function removeGroups(fingerprints: readonly string[]): void {
    for (const fingerprint of fingerprints) {
      churnGroups.delete(fingerprint);
      for (const { alertKey, firstSeenAt } of unrepeated(fingerprint))
        if (firstSeenAt < now() - CYCLE_MIN_MS) identities.delete(alertKey);
    }
  }

  return {
    recordSeen: (seen) =>
      calls.write(owner, () => {
        const rows = seen.map(({ alert_key, alert_id, alike: fingerprint, text }) => {
          const known = identities.get(alert_key);
          const row = known ?? {
            alertKey: alert_key,
            alertId: alert_id,
            text,
            firstSeenAt: now(),
            repeated: false,
            fingerprint,
          };
          const repeated = row.repeated || row.firstSeenAt < now() - CYCLE_MIN_MS;
          identities.set(alert_key, { ...row, fingerprint, repeated });
          return seenId({ ...row, fingerprint, repeated });
        });
        return new Map(rows.map((row) => [row.alert_key, row]));
      }),

    recordResolved: (alertKeys) =>
      calls.write(owner, () => {
        const rows = alertKeys.flatMap((key) => identities.get(key) ?? []);
        const known = new Map(rows.map(({ alertKey, fingerprint, repeated }) => [alertKey, { fingerprint, repeated }]));
        for (const row of rows) if (!churnGroups.has(row.fingerprint)) row.repeated = true;
        return known;
      }),

    pruneGroups: (fingerprints, headlines) =>
      calls.write(owner, () => {
        const isAsked = ({ fingerprint }: ChurnGroup) =>
          fingerprints.includes(fingerprint) || headlines.some((headline) => fingerprint.startsWith(`${headline}.`));
        const groups = [...churnGroups.values()].filter(isAsked);
        removeGroups(groups.filter((group) => !isActive(group.alert_key)).map(({ fingerprint }) => fingerprint));
        return new Map(groups.filter((group) => isActive(group.alert_key)).map((group) => [group.fingerprint, group]));
      }),

    unrepeatedIds: (fingerprints) =>
      calls.read(owner, () =>
        fingerprints.map((fingerprint) => ({
          fingerprint,
          ids: unrepeated(fingerprint)
            .filter(({ alertKey }) => isActive(alertKey) || !tables.actors.has(`alert:${alertKey}`))
            .sort((a, b) => a.firstSeenAt - b.firstSeenAt)
            .slice(-JUDGED_IDS),
        })),
      ),

    saveGroup: (group) =>
      calls.write(owner, () => {
        const saved: ChurnGroup = churnGroups.get(group.fingerprint) ?? group;
        churnGroups.set(group.fingerprint, saved);
        return saved;
      }),

    pruneOtherIds: ({ fingerprint, alert_key, cycle_seconds }) =>
      calls.write(owner, () => {
        const others = unrepeated(fingerprint).filter(({ alertKey }) => alertKey !== alert_key);
        for (const { alertKey, firstSeenAt } of others)
          if (firstSeenAt < now() - 10 * cycle_seconds * 1_000) identities.delete(alertKey);
        return others
          .filter(({ alertKey }) => isActive(alertKey))
          .map(({ alertKey, alertId }) => ({ alert_key: alertKey, alert_id: alertId }));
      }),
  };
}

const isActiveKey = ({ actors }: Tables, alertKey: string): boolean =>
  (actors.get(`alert:${alertKey}`)?.snapshot.context as AlertContext | undefined)?.active === true;

/** Whether the alert may be another active one under a new id. Ids are only recorded of sources that may change them. */
export function isSuspectKey(tables: Tables, alertKey: string, now: number): boolean {
  const row = tables.identities.get(alertKey);
  if (!row || row.repeated) return false;
  const others = [...tables.identities.values()].filter(
    ({ fingerprint, repeated }) => fingerprint === row.fingerprint && !repeated,
  );
  const earlier = others.filter(
    (other) =>
      isActiveKey(tables, other.alertKey) &&
      other.firstSeenAt < row.firstSeenAt - CYCLE_MIN_MS &&
      other.firstSeenAt > row.firstSeenAt - CYCLE_MAX_MS,
  );
  if (earlier.length === 0) return false;
  const distanceMs = row.firstSeenAt - Math.max(...earlier.map(({ firstSeenAt }) => firstSeenAt));
  const lastAt = Math.max(...others.map(({ firstSeenAt }) => firstSeenAt));
  return now < lastAt + 1.5 * distanceMs + 10_000 && now < row.firstSeenAt + MAX_SUSPICION_SECONDS * 1_000;
}
