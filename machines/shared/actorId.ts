/**
 * Actor ids: the kind of machine and the name of the one it is about, `surface:api-prod`. Kinds of which there is one
 * actor only have no name: `helpdesk`. Ids are built and taken apart here and nowhere else.
 */

export const surfaceActor = (surfaceId: string): string => `surface:${surfaceId}`;
export const alertActor = (alertKey: string): string => `alert:${alertKey}`;
export const umbrellaActor = (source: string): string => `umbrella:${source}`;

/** What comes before the first colon; the whole id where there is none. */
export function kindOf(actorId: string): string {
  const colon = actorId.indexOf(':');
  return colon < 0 ? actorId : actorId.slice(0, colon);
}

export const surfaceIdOfActor = (actorId: string): string => nameIn(actorId, 'surface');
export const alertKeyOfActor = (actorId: string): string => nameIn(actorId, 'alert');

const nameIn = (actorId: string, kind: string): string => actorId.slice(kind.length + 1);
