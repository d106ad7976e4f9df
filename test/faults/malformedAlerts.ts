import type { Random } from './random.ts';

/** Alerts that nobody can use, which senders mix with good ones. Each lacks an id, a status or a title. */
const MALFORMED = [
  { alert_id: '   ', severity: 'P1', status: 'firing', title: 'Blank id' },
  { severity: 'P2', status: 'firing', title: 'No id' },
  { alert_id: 'no-status-000001', severity: 'P1', title: 'No status' },
  { alert_id: 'no-title-0000001', severity: 'P1', status: 'firing', title: '' },
  { alert_id: 42, status: ['firing'], title: null },
  null,
] as const;
/** The share of requests that contain such alerts. */
const SHARE = 0.15;

/** Puts malformed alerts among the good ones; `malformed` are their indexes in the request. */
export function withMalformed(
  good: readonly object[],
  random: Random,
): { alerts: (object | null)[]; malformed: number[] } {
  const alerts: (object | null)[] = [...good];
  const added = new Set<object | null>();
  if (good.length > 0 && random.chance(SHARE)) {
    for (let left = random.whole(1, 3); left > 0; left -= 1) {
      const one = random.pick(MALFORMED);
      const copy = one === null ? null : { ...one };
      if (one === null && added.has(null)) continue;
      alerts.splice(random.whole(0, alerts.length), 0, copy);
      added.add(copy);
    }
  }
  return { alerts, malformed: alerts.flatMap((alert, index) => (added.has(alert) ? [index] : [])) };
}

/** What is wrong with a 202 answer: it must name exactly the malformed alerts and accept the others. Null: nothing. */
export function wrongRejection(body: string, sent: number, malformed: readonly number[]): string | null {
  const { accepted, rejected = [] } = JSON.parse(body) as { accepted: number; rejected?: { index: number }[] };
  const named = rejected.map(({ index }) => index).sort((a, b) => a - b);
  const agrees = accepted === sent - malformed.length && named.join() === malformed.join();
  return agrees
    ? null
    : `of ${sent} alerts, ${malformed.join(', ') || 'none'} were malformed, but ${named.join(', ') || 'none'} rejected and ${accepted} accepted`;
}
