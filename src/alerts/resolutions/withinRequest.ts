import type { Fence } from '../../actors/deliver.ts';
import type { EmissionAnswer, EmissionInput } from '../../model/alerts.ts';
import { PartlyIngested } from '../partlyIngested.ts';
import { isPlausible } from '../plausibleInstant.ts';

/** In which order one request says things about an id. Some senders list the newest first. */

interface Ingesting {
  ingest(source: string, alerts: EmissionInput[], fence?: Fence): Promise<EmissionAnswer>;
}

/** Gives `ingest` the alerts of one id in the order of their times. Answers are in the order in which the alerts were sent. */
export function inOrderOfTimes({ ingest }: Ingesting): Ingesting {
  return {
    async ingest(source, sent, fence) {
      const places = placesByTime(sent, Date.now());
      if (places === null) return ingest(source, sent, fence);
      const orderedAt = new Map(places.map((place, n) => [place, n]));
      const asSent = <T>(states: readonly T[]): T[] =>
        sent.map((_, place) => states[orderedAt.get(place) ?? place] as T);
      try {
        const ordered = places.map((place) => sent[place] as EmissionInput);
        const answer = await ingest(source, ordered, fence);
        return { ...answer, alerts: asSent(answer.alerts) };
      } catch (error) {
        throw error instanceof PartlyIngested ? new PartlyIngested(asSent(error.states), error.cause) : error;
      }
    },
  };
}

/**
 * The places of the alerts in the order of their times: each id has the places that it had. Null where no id comes twice.
 * `now` in milliseconds since 1970.
 */
function placesByTime(alerts: readonly EmissionInput[], now: number): number[] | null {
  const repeated = placesOfRepeatedIds(alerts);
  if (repeated.size === 0) return null;
  const ordered = [...alerts.keys()];
  for (const places of repeated.values()) {
    const byTime = ofOneId(places, alerts, now);
    for (const [n, place] of places.entries()) ordered[place] = byTime[n] ?? place;
  }
  return ordered;
}

/** By id. An id that comes once, as most do, costs a look-up. */
function placesOfRepeatedIds(alerts: readonly EmissionInput[]): Map<string, number[]> {
  const firstPlaces = new Map<string, number>();
  const repeated = new Map<string, number[]>();
  for (const [place, { alert_id }] of alerts.entries()) {
    const first = firstPlaces.get(alert_id);
    if (first === undefined) firstPlaces.set(alert_id, place);
    else {
      const places = repeated.get(alert_id);
      if (places) places.push(place);
      else repeated.set(alert_id, [first, place]);
    }
  }
  return repeated;
}

/**
 * Like is compared with like: when the sender said it, otherwise the beginning with the end. Some senders repeat
 * `starts_at` when an alert fires again, so a list is reversed by the beginning and the end, but not sorted.
 */
function ofOneId(places: readonly number[], alerts: readonly EmissionInput[], now: number): readonly number[] {
  const times = (instantOf: (alert: EmissionInput) => string | undefined) =>
    places.map((place) => timeOf(instantOf(alerts[place] as EmissionInput), now));
  const said = times(({ at }) => at);
  if (isNewestFirst(said)) return places.toReversed();
  if (said.every((time) => time !== null)) return sorted(places, said);
  const changed = times(({ status, starts_at, ends_at }) => (status === 'firing' ? starts_at : ends_at));
  return isNewestFirst(changed) ? places.toReversed() : places;
}

const timeOf = (instant: string | undefined, now: number): number | null =>
  instant !== undefined && isPlausible(instant, now) ? Date.parse(instant) : null;

/** False where one is not known. If the first is later than the last, equal ones are taken to be newest first too. */
function isNewestFirst(times: readonly (number | null)[]): boolean {
  const [first, last] = [times[0] ?? null, times.at(-1) ?? null];
  if (first === null || last === null || first <= last) return false;
  return times.every((time, n) => time !== null && time <= (times[n - 1] ?? first));
}

/** Of equal times, the one that was sent first stays first. */
function sorted(places: readonly number[], times: readonly number[]): number[] {
  const timed = places.map((place, n) => ({ place, time: times[n] ?? 0 }));
  return timed.toSorted((one, other) => one.time - other.time).map(({ place }) => place);
}
