import { alertActor } from '../../machines/shared/actorId.ts';
import type { Message } from '../actors/messages.ts';
import type { EmissionInput } from '../model/alerts.ts';
import { alertKeyOf } from './emission.ts';
import {
  fingerprintOf,
  fingerprintsToJudge,
  hasStableId,
  headlineOf,
  isResolvedBy,
  mayBeGrouped,
  stableKeys,
  textDigestOf,
  withGroupIds,
} from './idChurnBatch.ts';
import { findIdChurn } from './idChurnRule.ts';
import type { ChurnGroup, IdChurnStore } from './idChurnStore.ts';

/**
 * Detects senders that give one alert a new id in each cycle, and treats those ids as one alert with the first id.
 * The state is in Postgres, so that restarts and several processes change nothing. An id that the sender repeats is
 * remembered in this process and costs no query.
 */
export interface IdChurn {
  /** The alerts under the ids that we know them by, and further messages to deliver with them. */
  resolveIds(source: string, alerts: EmissionInput[]): Promise<Identified>;
  /** Whether this process has seen this source change an id: if not, its alerts nearly always keep theirs. */
  mayRename(source: string): boolean;
}

interface Identified {
  alerts: EmissionInput[];
  extraMessages: Message[];
  /**
   * Forgets the groups that have ended. Called after the delivery: where that fails, the next attempt finds again which
   * alert the ids belong to.
   */
  afterDelivery(): Promise<void>;
}

const MAX_STABLE_KEYS = 50_000;
const MAX_SOURCES = 10_000;

/** `keepsIds` tells which sources are never suspected. */
export function createIdChurn(store: IdChurnStore, keepsIds: (source: string) => Promise<boolean>): IdChurn {
  /** Keys whose ids the sender keeps. */
  const stable = new Set<string>();
  /** Sources that have had a group of ids. */
  const renaming = new Set<string>();

  return {
    async resolveIds(source, alerts) {
      const unchanged = { alerts, extraMessages: [], afterDelivery: async () => undefined };
      if (await keepsIds(source)) return unchanged;
      const keyOf = (alert: EmissionInput) => alertKeyOf(source, alert.alert_id);
      const toRecord = alerts.filter((alert) => alert.status === 'firing' && !stable.has(keyOf(alert)));
      const resolved = alerts.filter(({ status }) => status === 'resolved');
      if (toRecord.length + resolved.length === 0) return unchanged;

      const rows = rowsOf(source, toRecord);
      const seen = await store.recordSeen(rows);
      const known = await store.recordResolved(resolved.map(keyOf));
      const fingerprints = rows.map(({ alike }) => alike);
      const groups = await store.pruneGroups(
        mayBeGrouped({ seen, fingerprints, resolved: known }),
        resolved.map((alert) => headlineOf(source, alert)),
      );
      for (const group of await detect(fingerprintsToJudge({ seen, groups }))) groups.set(group.fingerprint, group);

      if (groups.size > 0) remember(renaming, source, MAX_SOURCES);
      const mapped = withGroupIds({ source, alerts, seen, resolved: known, groups });
      const extraMessages: Message[] = [];
      const ending: string[] = [];
      for (const group of groups.values()) {
        const isOver = hasStableId(group, seen);
        if (isOver || isResolvedBy(mapped, source, group)) ending.push(group.fingerprint);
        if (isOver) extraMessages.push(resolution('the sender keeps its ids now', group));
        else extraMessages.push(idsUnstable(group), ...(await endOtherIds(group)));
      }
      return {
        ...{ alerts: mapped, extraMessages },
        async afterDelivery() {
          for (const alertKey of stableKeys({ seen, groups })) remember(stable, alertKey, MAX_STABLE_KEYS);
          await store.pruneGroups(ending, []);
        },
      };
    },
    mayRename: (source) => renaming.has(source),
  };

  async function detect(fingerprints: readonly string[]): Promise<ChurnGroup[]> {
    const found: ChurnGroup[] = [];
    for (const { fingerprint, ids } of await store.unrepeatedIds(fingerprints)) {
      const churn = findIdChurn(ids);
      if (!churn) continue;
      const group = await store.saveGroup({
        fingerprint,
        alert_key: churn.first.alertKey,
        alert_id: churn.first.alertId,
        cycle_seconds: churn.cycleMs / 1_000,
        alert_ids: ids.map(({ alertId }) => alertId),
      });
      if (group) found.push(group);
    }
    return found;
  }

  /** The other active alerts of the group end; the group continues under its own id. */
  async function endOtherIds(group: ChurnGroup): Promise<Message[]> {
    const others = await store.pruneOtherIds(group);
    return others.map((other) => resolution(`goes on as ${group.alert_key}`, other));
  }
}

/** All are forgotten when they are too many; those that matter are learned again. */
function remember(keys: Set<string>, key: string, most: number): void {
  if (keys.size > most) keys.clear();
  keys.add(key);
}

/** One row for each alert key; of several the last counts. */
function rowsOf(source: string, alerts: readonly EmissionInput[]) {
  const rows = alerts.map((alert) => ({
    alert_key: alertKeyOf(source, alert.alert_id),
    alert_id: alert.alert_id,
    alike: fingerprintOf(source, alert),
    text: textDigestOf(alert),
  }));
  return [...new Map(rows.map((row) => [row.alert_key, row])).values()];
}

const idsUnstable = ({ alert_key, alert_ids }: ChurnGroup): Message => ({
  to: alertActor(alert_key),
  event: { type: 'IDS_UNSTABLE', alertIds: alert_ids },
});

const resolution = (reason: string, { alert_key, alert_id }: { alert_key: string; alert_id: string }): Message => ({
  to: alertActor(alert_key),
  event: { type: 'RESOLVED', alertId: alert_id, reason },
});
