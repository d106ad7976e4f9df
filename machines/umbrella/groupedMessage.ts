import { groupedMessageActor, umbrellaActor } from '../shared/actorId.ts';
import { howManyFit, MESSAGE_LIMIT, shortened } from '../shared/memberLists.ts';
import type { ActorMessage, DmRequest, UmbrellaMember } from '../shared/protocol.ts';
import type { UmbrellaContext } from './types.ts';

/** Grouped messages: one direct message that names many alerts. Pure. */

type Change = Partial<UmbrellaContext>;

/** An alert that waits to be named already is named once. */
export const alertQueued = ({ unsaid }: UmbrellaContext, member: UmbrellaMember): Change =>
  unsaid.some(({ alertKey }) => alertKey === member.alertKey) ? {} : { unsaid: [...unsaid, shortened(member)] };

/** Those that the message that is being sent does not name. */
const waiting = ({ unsaid, saying }: UmbrellaContext): UmbrellaMember[] => unsaid.slice(saying);

const nextNamed = (context: UmbrellaContext): UmbrellaMember[] =>
  waiting(context).slice(0, howManyFit(waiting(context), MESSAGE_LIMIT));

/** More alerts wait than one message can name. */
export const fillsMessage = (context: UmbrellaContext): boolean => nextNamed(context).length < waiting(context).length;

/** The alerts that fill a message get one of their own, which does not wait for the one that is being sent. */
export function messageHandedOver(context: UmbrellaContext): ActorMessage[] {
  const request = messageFor({ ...context, said: context.said + 1 }, nextNamed(context));
  return [{ to: groupedMessageActor(request.id), event: { type: 'SEND', request } }];
}

export const handedOver = (context: UmbrellaContext): Change => ({
  said: context.said + 1,
  unsaid: context.unsaid.toSpliced(context.saying, nextNamed(context).length),
});

export const messageStarted = ({ unsaid, said }: UmbrellaContext): Change => ({
  said: said + 1,
  saying: howManyFit(unsaid, MESSAGE_LIMIT),
});

export const messageFinished = ({ unsaid, saying }: UmbrellaContext): Change => ({
  unsaid: unsaid.slice(saying),
  saying: 0,
});

export const groupedMessage = (context: UmbrellaContext): DmRequest =>
  messageFor(context, context.unsaid.slice(0, context.saying));

const messageFor = ({ source, storm, ticket, said }: UmbrellaContext, members: UmbrellaMember[]): DmRequest => ({
  id: `dm:umbrella:${source}:${said}`,
  thread: `${umbrellaActor(source)}:${storm}`,
  kind: 'grouped',
  source,
  body: { source, members, count: members.length, ticket },
});
