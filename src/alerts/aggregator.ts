import type { Pool } from 'pg';
import type { AlertContext } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { Also, Deliver, Fence } from '../actors/deliver.ts';
import type { Delivered, Message } from '../actors/messages.ts';
import type { EmissionAnswer, EmissionInput, EmissionState } from '../model/alerts.ts';
import { alertKeyOf, type EmissionPolicy, fromSender, type NamedSurface } from './emission.ts';
import type { IdChurn } from './idChurn.ts';
import type { Known, LastSeen, Seen, SilentAlert } from './lastSeen.ts';
import { deliveredUnlocked, PartlyIngested } from './partlyIngested.ts';
import type { UnknownResolution } from './resolutions/guesses.ts';
import { endMissed } from './resolutions/missedEnds.ts';
import { isLate } from './resolutions/order.ts';
import type { Judgement, Resolutions } from './resolutions/resolutions.ts';
import { inOrderOfTimes } from './resolutions/withinRequest.ts';

/** Delivers the emissions of any source to their alert actors. */
export interface Aggregator {
  /**
   * Durable once it returns. An alert about an unknown surface is taken without it. The answer has one entry for each
   * alert, in their order. Throws {@link PartlyIngested} where only some could be stored. `fence` may stop the delivery, as
   * in {@link Deliver}.
   */
  ingest(source: string, alerts: EmissionInput[], fence?: Fence): Promise<EmissionAnswer>;
}

export interface AggregatorDeps {
  /** The surfaces with these ids; unknown ones are left out. */
  namedSurfaces: (ids: readonly string[]) => Promise<Map<string, NamedSurface>>;
  /** Ends those of the episodes of these alerts whose sender was silent for long. */
  expiredEpisodes: (silent: readonly SilentAlert[]) => Promise<Message[]>;
  deliver: Deliver;
  lastSeen: LastSeen;
  idChurn: IdChurn;
  resolutions: Resolutions;
  /** Stores messages that are delivered later, for actors that another transaction holds. */
  leave: (messages: readonly Message[], fence?: Fence) => Promise<void>;
  policy: () => Promise<EmissionPolicy>;
  /** Once its sender was silent for so long, an alert whose ticket was closed is a new one. */
  expiresAfterSeconds: (source: string) => Promise<number>;
  /** Audits resolutions of ids that are not active. */
  auditUnknown: (source: string, unknown: readonly UnknownResolution[]) => Promise<void>;
}

export function createAggregator(deps: AggregatorDeps): Aggregator {
  const { deliver, idChurn, policy } = deps;
  return inOrderOfTimes({
    async ingest(source, sent, fence) {
      const named = new Set(sent.flatMap(({ surface_id }) => (surface_id ? [surface_id] : [])));
      const surfaces = await deps.namedSurfaces([...named]);
      const isUnknownSurface = ({ surface_id }: EmissionInput) => surface_id !== undefined && !surfaces.has(surface_id);
      const known = sent.map((alert) => (isUnknownSurface(alert) ? { ...alert, surface_id: undefined } : alert));
      // Where an id is changed after all, a time of emission stays recorded that no alert has. Resolutions wait, because
      // what is recorded of them counts.
      const isEarly = !idChurn.mayRename(source) && known.every(isFiring);
      const [{ alerts, extraMessages, afterDelivery }, now, early] = await Promise.all([
        idChurn.resolveIds(source, known),
        policy(),
        isEarly ? recordAndJudge(deps, source, known) : null,
      ]);
      const keepIds = alerts.every((alert, n) => alert === known[n]);
      const { expired, record, newer, judgement } =
        early && keepIds ? early : await recordAndJudge(deps, source, alerts);
      const messages = alerts.map((alert) => {
        const surface = alert.surface_id ? (surfaces.get(alert.surface_id) ?? null) : null;
        if (judgement.isOutOfOrder(alert)) return judgement.endInstead(alert);
        const late = isLate(alert, newer.get(alertKeyOf(source, alert.alert_id)));
        return fromSender(source, late ? { ...alert, late } : alert, surface, now);
      });
      const toDeliver = [...expired, ...messages.filter((message) => message !== null), ...extraMessages];
      const alertActors = alerts.map(({ alert_id }) => alertActor(alertKeyOf(source, alert_id)));
      const delivering = deliver(toDeliver, record, fence);
      const { delivered, locked, cause } = await deliveredUnlocked(delivering, new Set(alertActors));
      const ended = await endMissed(deps, { judgement, delivered, fence });
      delivered.push(...ended.delivered);
      await afterDelivery();
      const again = new Set([...locked, ...ended.unsure]);

      const last = new Map(delivered.map((each) => [each.message.to, each]));
      const byMessage = new Map(delivered.map((each) => [each.message, each]));
      const isMissing = (n: number) => messages[n] !== null && again.has(alertActors[n] as string);
      const isUnknown = (alert: EmissionInput, n: number) =>
        judgement.isUnknown(alert) && !isMissing(n) && !endsSomething(byMessage.get(messages[n] as Message));
      await deps.auditUnknown(
        source,
        alerts.filter(isUnknown).map((alert) => unknownResolution(source, alert)),
      );
      const states = alerts.map((alert, n): EmissionState => {
        const alert_key = alertKeyOf(source, alert.alert_id);
        const marks = isUnknownSurface(sent[n] as EmissionInput) ? { unknown_surface: true as const } : {};
        if (judgement.isOutOfOrder(alert)) return { alert_key, ...outOfOrder(alert), ...marks };
        if (isUnknown(alert, n)) return { alert_key, state: 'resolved', unknown_id: true, ...marks };
        return { alert_key, ...describeState(last.get(alertActors[n] as string)), ...marks };
      });
      if (again.size === 0) return { accepted: alerts.length, alerts: states };
      throw new PartlyIngested(
        states.map((state, n) => (isMissing(n) ? null : state)),
        cause ?? ended.cause,
      );
    },
  });
}

interface Recorded {
  /** What ends the episodes of alerts whose sender was silent. */
  expired: Message[];
  record: Also | undefined;
  newer: Known['newer'];
  judgement: Judgement;
}

/** Records the emissions among these alerts, and puts what their sender says into its order. */
async function recordAndJudge(
  deps: AggregatorDeps,
  source: string,
  alerts: readonly EmissionInput[],
): Promise<Recorded> {
  const expiresAfterSeconds = await deps.expiresAfterSeconds(source);
  const seen = alerts.filter(isFiring).map((alert) => seenOf(source, alert));
  const mayOpen = new Set(alerts.filter((alert) => !alert.only_if_active).map((alert) => keyOf(source, alert)));
  const recording = recordEmissions(deps, seen, { expiresAfterSeconds, mayOpen });
  // What resolutions are compared with includes the emissions of their own request.
  if (seen.length < alerts.length) await recording;
  const [recorded, judgement] = await Promise.all([recording, deps.resolutions.judge(source, alerts)]);
  return { ...recorded, judgement };
}

/**
 * Records the emissions, except those that end an episode: `record` does that in the transaction that ends it. Where this
 * transaction fails, the next emission finds the sender silent again and ends the episode then.
 */
async function recordEmissions(
  { lastSeen, expiredEpisodes }: AggregatorDeps,
  seen: readonly Seen[],
  { expiresAfterSeconds, mayOpen }: { expiresAfterSeconds: number; mayOpen: ReadonlySet<string> },
): Promise<Omit<Recorded, 'judgement'>> {
  const { silent, newer } = await lastSeen.recordSeen(seen, expiresAfterSeconds);
  if (silent.length === 0) return { expired: [], record: undefined, newer };
  // Without the emission that begins the next episode, an active alert would be lost.
  const expired = await expiredEpisodes(silent.filter(({ alertKey }) => mayOpen.has(alertKey)));
  const [silentKeys, ended] = [new Set(silent.map(({ alertKey }) => alertKey)), new Set(expired.map(({ to }) => to))];
  const isEnding = ({ alertKey }: Seen) => ended.has(alertActor(alertKey));
  await lastSeen.recordSeen(seen.filter((each) => silentKeys.has(each.alertKey) && !isEnding(each)));
  const ending = seen.filter(isEnding);
  const record: Also | undefined = ending.length > 0 ? (client) => lastSeen.recordSeenIn(client, ending) : undefined;
  return { expired, record, newer };
}

const isFiring = ({ status }: EmissionInput): boolean => status === 'firing';

const keyOf = (source: string, { alert_id }: EmissionInput): string => alertKeyOf(source, alert_id);

const seenOf = (source: string, { alert_id, at, starts_at, arrived_at }: EmissionInput): Seen => ({
  alertKey: alertKeyOf(source, alert_id),
  alertId: alert_id,
  sentAt: at,
  startedAt: starts_at,
  arrivedAt: arrived_at,
});

const unknownResolution = (source: string, { alert_id, title }: EmissionInput): UnknownResolution => ({
  alert_key: alertKeyOf(source, alert_id),
  alert_id,
  title,
});

/** The emission arrived after the resolution that the sender sent later, or the reverse. */
const outOfOrder = ({ status }: EmissionInput): Omit<EmissionState, 'alert_key'> => ({
  state: status === 'firing' ? 'resolved' : 'firing',
  out_of_order: true,
});

/** The id became active between the judgement and the delivery. */
function endsSomething(delivered: Delivered | undefined): boolean {
  const context = delivered?.before?.context as AlertContext | undefined;
  const { alertId } = (delivered?.message.event ?? {}) as { alertId?: string };
  return context?.active === true && alertId !== undefined && context.ids.includes(alertId);
}

function describeState(delivered: Delivered | undefined): { state: string; collision?: true } {
  const context = delivered?.snapshot?.context as AlertContext | undefined;
  if (!context) return { state: 'accepted' };
  const state = context.active ? (context.flapping ? 'flapping' : 'firing') : 'resolved';
  return context.ids.length > 1 ? { state, collision: true } : { state };
}

/** The surfaces of the file with these ids; unknown ones are left out. */
export async function namedSurfaces(pool: Pool, ids: readonly string[]): Promise<Map<string, NamedSurface>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string } & NamedSurface>(
    `select id, config->>'name' as name, (config->>'reopenWithinMinutes')::int as "reopenWithin"
     from surfaces where id = any($1) and removed_at is null`,
    [ids],
  );
  return new Map(rows.map(({ id, ...surface }) => [id, surface]));
}
