/**
 * Whether one of these actors has an effect `e` of this kind that may still run: it is under way, or it is a dead letter,
 * which a person may replay. Each status has an index of its own, and `offset 0` keeps each search from being turned into a
 * join that reads the whole table.
 */
export const hasUnfinishedEffect = (actorIds: readonly string[], ofKind: string): string =>
  `(${searches(actorIds, ofKind, "e.status in ('pending', 'running')")} or ${searches(actorIds, ofKind, "e.status = 'dead'")})`;

const searches = (actorIds: readonly string[], ofKind: string, status: string): string =>
  `exists (select from effects e where e.actor_id in (${actorIds.join(', ')}) and ${status} and ${ofKind} offset 0)`;
