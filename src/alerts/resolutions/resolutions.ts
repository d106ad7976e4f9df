import type { AlertContext } from '../../../machines/alert/types.ts';
import { alertActor } from '../../../machines/shared/actorId.ts';
import type { Delivered, Message } from '../../actors/messages.ts';
import type { EmissionInput } from '../../model/alerts.ts';
import { alertKeyOf } from '../emission.ts';
import { isEndMissing, isOutdated, isOvertaken, type PastResolution } from './order.ts';
import { fullKey, type KeyState, type ResolutionStore, splitFullKey } from './store.ts';

/** Puts what senders say into their own order, and notices resolutions of ids that are not active. */
export interface Resolutions {
  /** Call after the emissions were recorded as seen, and before anything is delivered. */
  judge(source: string, alerts: readonly EmissionInput[]): Promise<Judgement>;
  /** Resolutions of alerts that opened although a resolution that overtook them arrived meanwhile. */
  missedEnds(judgement: Judgement, delivered: readonly Delivered[]): Promise<Message[]>;
}

export interface Judgement {
  /** Not to be delivered: the sender said something newer about this id before. */
  isOutOfOrder(alert: EmissionInput): boolean;
  /** To be delivered in place of an emission that is out of order: it was stored, and its resolution was not delivered. */
  endInstead(alert: EmissionInput): Message | null;
  /** The resolution of an id that was not active, as far as is known before it is delivered. */
  isUnknown(alert: EmissionInput): boolean;
  /** The emissions to look at once more after their delivery, by full key, in their order. */
  emissions: ReadonlyMap<string, readonly EmissionInput[]>;
}

export function createResolutions(store: ResolutionStore): Resolutions {
  async function overtaken(emissions: Judgement['emissions']): Promise<Map<EmissionInput, PastResolution>> {
    if (emissions.size === 0) return new Map();
    const past = await store.past([...emissions.keys()].map(splitFullKey));
    return new Map(
      [...emissions].flatMap(([key, ofId]) => {
        const resolution = past.get(key);
        if (!resolution) return [];
        const late = ofId.filter((emission) => isOvertaken(emission, resolution));
        return late.map((emission) => [emission, resolution] as const);
      }),
    );
  }

  /** A process may have died, or met a lock, between the delivery of an emission and that of its end. */
  async function missingEnds(
    source: string,
    late: ReadonlyMap<EmissionInput, PastResolution>,
  ): Promise<Map<EmissionInput, Message>> {
    if (late.size === 0) return new Map();
    const states = await store.keyStates([...late.keys()].map(({ alert_id }) => alertKeyOf(source, alert_id)));
    return new Map(
      [...late].flatMap(([emission, resolution]) => {
        const alertKey = alertKeyOf(source, emission.alert_id);
        const isMissing = isEndMissing(states.get(alertKey), emission.alert_id, resolution);
        return isMissing ? [[emission, endOf(alertKey, emission)] as const] : [];
      }),
    );
  }

  return {
    async judge(source, alerts) {
      const keyOf = ({ alert_id }: EmissionInput) => fullKey(alertKeyOf(source, alert_id), alert_id);
      const resolved = alerts.filter(({ status }) => status === 'resolved');
      const resolvedKeys = new Set(resolved.map(keyOf));
      const firing = alerts.filter(({ status }) => status === 'firing');
      // Within one request the order of its alerts counts.
      const emissions = new Map<string, EmissionInput[]>();
      for (const alert of firing) {
        const key = keyOf(alert);
        if (resolvedKeys.has(key)) continue;
        const others = emissions.get(key);
        if (others) others.push(alert);
        else emissions.set(key, [alert]);
      }

      const late = await overtaken(emissions);
      const ends = await missingEnds(source, late);
      const endInstead = (alert: EmissionInput) => ends.get(alert) ?? null;
      const outOfOrder = new Set<EmissionInput>(late.keys());
      if (resolved.length === 0)
        return { isOutOfOrder: (alert) => outOfOrder.has(alert), endInstead, isUnknown: () => false, emissions };

      const states = await store.keyStates(resolved.map(({ alert_id }) => alertKeyOf(source, alert_id)));
      const firingKeys = new Set(firing.map(keyOf));
      const rows = resolved.flatMap((alert) => {
        const alert_key = alertKeyOf(source, alert.alert_id);
        const state = states.get(alert_key);
        if (isOutdated(alert, state?.last)) outOfOrder.add(alert);
        if (outOfOrder.has(alert)) return [];
        const was_active = isActiveId(state, alert.alert_id) || firingKeys.has(keyOf(alert));
        const [own_at, arrived_at] = [alert.at ?? alert.ends_at ?? null, alert.arrived_at ?? null];
        return [{ alert_key, alert_id: alert.alert_id, own_at, arrived_at, was_active }];
      });
      const wasActive = rows.length === 0 ? new Map<string, boolean>() : await store.record(rows);
      return {
        isOutOfOrder: (alert) => outOfOrder.has(alert),
        endInstead,
        isUnknown: (alert) => alert.status === 'resolved' && wasActive.get(keyOf(alert)) === false,
        emissions,
      };
    },

    async missedEnds({ emissions, isOutOfOrder }, delivered) {
      const opened = new Set(delivered.filter(opensEpisode).map(({ message: { event } }) => event.alertId));
      const newest = new Map(
        [...emissions].flatMap(([key, ofId]) => {
          const alert = ofId.findLast((each) => opened.has(each.alert_id) && !isOutOfOrder(each));
          return alert ? [[key, [alert]] as const] : [];
        }),
      );
      const late = await overtaken(newest);
      return [...newest].flatMap(([key, [alert]]) =>
        late.has(alert) ? [endOf(splitFullKey(key).alert_key, alert)] : [],
      );
    },
  };
}

const endOf = (alertKey: string, { alert_id }: EmissionInput): Message => ({
  to: alertActor(alertKey),
  event: { type: 'RESOLVED', alertId: alert_id, reason: null },
});

/** A flapping alert between two emissions has no ids, and may be resolved again. */
const isActiveId = (state: KeyState | undefined, alertId: string): boolean =>
  state?.isActive === true && (state.ids.length === 0 || state.ids.includes(alertId));

export function opensEpisode({ before, snapshot }: Delivered): boolean {
  const [was, is] = [before, snapshot].map((each) => each?.context as AlertContext | undefined);
  return is?.active === true && was?.active === false;
}
