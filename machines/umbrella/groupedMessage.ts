import { umbrellaActor } from '../shared/actorId.ts';
import type { DmRequest, UmbrellaMember } from '../shared/protocol.ts';
import { howManyFit, shortened } from './members.ts';
import type { UmbrellaContext } from './types.ts';

/** Grouped messages: one direct message that names many alerts. Pure. */

type Change = Partial<UmbrellaContext>;

/** What Slack takes. */
const MESSAGE_LIMIT = { members: 150, characters: 9_000 };

/** An alert that waits to be named already is named once. */
export const alertQueued = ({ unsaid }: UmbrellaContext, member: UmbrellaMember): Change =>
  unsaid.some(({ alertKey }) => alertKey === member.alertKey) ? {} : { unsaid: [...unsaid, shortened(member)] };

/** More alerts wait than one message can name, so there is no need to wait for others. */
export const fillsMessage = ({ unsaid }: UmbrellaContext): boolean => howManyFit(unsaid, MESSAGE_LIMIT) < unsaid.length;

export const messageStarted = ({ unsaid, said }: UmbrellaContext): Change => ({
  said: said + 1,
  saying: howManyFit(unsaid, MESSAGE_LIMIT),
});

export const messageFinished = ({ unsaid, saying }: UmbrellaContext): Change => ({
  unsaid: unsaid.slice(saying),
  saying: 0,
});

export const groupedMessage = ({ source, storm, unsaid, saying, ticket, said }: UmbrellaContext): DmRequest => ({
  id: `dm:umbrella:${source}:${said}`,
  thread: `${umbrellaActor(source)}:${storm}`,
  kind: 'grouped',
  source,
  body: { source, members: unsaid.slice(0, saying), count: saying, ticket },
});
