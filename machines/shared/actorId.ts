/**
 * Actor ids: the kind of the machine and the name of its subject, `surface:api-prod`. A kind with a single actor has no
 * name: `helpdesk`. Ids are built and parsed here, and in SQL by src/actors/projections/actorId.ts.
 */

export const HELPDESK_ACTOR = 'helpdesk';
export const CONNECTION_ACTOR = 'connection';
export const DEAD_LETTER_ALARM_ACTOR = 'letters';

/** The prefix of all ids of a kind. */
export const SURFACE_PREFIX = 'surface:';
export const ALERT_PREFIX = 'alert:';
export const UMBRELLA_PREFIX = 'umbrella:';
export const RECIPIENT_PREFIX = 'recipient:';
export const GROUPED_PREFIX = 'grouped:';

export const surfaceActor = (surfaceId: string): string => `${SURFACE_PREFIX}${surfaceId}`;
export const alertActor = (alertKey: string): string => `${ALERT_PREFIX}${alertKey}`;
/** A message that an umbrella handed over, by the id of the message. */
export const groupedMessageActor = (dmId: string): string => `${GROUPED_PREFIX}${dmId}`;
/** One recipient of the messages about an alert; null stands for the person in SLACK_DM_USER_ID. */
export const recipientActor = (alertKey: string, to: string | null): string =>
  `${RECIPIENT_PREFIX}${to ?? 'default'}:${alertKey}`;
export const umbrellaActor = (source: string): string => `${UMBRELLA_PREFIX}${source}`;

/** The part before the first colon, or the whole id without a colon. */
export function kindOf(actorId: string): string {
  const colon = actorId.indexOf(':');
  return colon < 0 ? actorId : actorId.slice(0, colon);
}

export const surfaceIdOfActor = (actorId: string): string => actorId.slice(SURFACE_PREFIX.length);
export const alertKeyOfActor = (actorId: string): string => actorId.slice(ALERT_PREFIX.length);
