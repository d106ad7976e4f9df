/**
 * The places of the alerts in parts of at most `max`. Alerts of one id stay together, since their order counts within
 * one part only. Pure.
 */
export function partsOf(alerts: readonly Record<string, unknown>[], max: number): number[][] {
  if (alerts.length <= max) return alerts.length === 0 ? [] : [[...alerts.keys()]];
  const byId = new Map<unknown, number[]>();
  for (const [place, { alert_id }] of alerts.entries()) {
    const places = byId.get(alert_id);
    if (places) places.push(place);
    else byId.set(alert_id, [place]);
  }
  const parts: number[][] = [];
  for (const places of byId.values()) {
    const last = parts.at(-1);
    if (last && last.length + places.length <= max) last.push(...places);
    else parts.push(places);
  }
  return parts;
}
