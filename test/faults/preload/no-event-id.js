import { without } from './without.js';

/** A repeated event is applied again. */
without([
  ['on h.actor_id = x.actor_id and h.event_id = x.event_id', 'on false'],
  ['select actor_id, rev, event_id, event, from_state', 'select actor_id, rev, null, event, from_state'],
]);
