import {
  ALERT_PREFIX,
  GROUPED_PREFIX,
  RECIPIENT_PREFIX,
  SURFACE_PREFIX,
  UMBRELLA_PREFIX,
} from '../../../machines/shared/actorId.ts';

/** Actor ids in SQL, as machines/shared/actorId.ts builds them. Arguments are SQL expressions: `surfaceActorSql('s.id')`. */

export const surfaceActorSql = (surfaceId: string): string => `'${SURFACE_PREFIX}' || ${surfaceId}`;
export const alertActorSql = (alertKey: string): string => `'${ALERT_PREFIX}' || ${alertKey}`;
export const umbrellaActorSql = (source: string): string => `'${UMBRELLA_PREFIX}' || ${source}`;
export const groupedMessageActorSql = (dmId: string): string => `'${GROUPED_PREFIX}' || ${dmId}`;

export const recipientActorSql = (alertKey: string, recipient: string): string =>
  `'${RECIPIENT_PREFIX}' || coalesce(${recipient}, 'default') || ':' || ${alertKey}`;

export const isSurfaceActorSql = (actorId: string): string => `${actorId} like '${SURFACE_PREFIX}%'`;
export const surfaceIdSql = (actorId: string): string => `substr(${actorId}, length('${SURFACE_PREFIX}') + 1)`;

/** The id of the grouped message that this actor sends. */
export const messageIdSql = (actorId: string): string => `substr(${actorId}, length('${GROUPED_PREFIX}') + 1)`;
