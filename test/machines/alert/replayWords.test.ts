import { describe, expect, it } from 'vitest';
import type { AlertContext } from '../../../machines/alert/types.ts';
import type { ActorMessage, FilingIntent } from '../../../machines/shared/protocol.ts';
import type { Actor } from '../support/driver.ts';
import { type ActorInput, paramsOf } from '../support/driver.ts';
import { refused, resolved } from '../support/events.ts';
import { alert, p1, rejected, replay, sent, unlisted } from './alertEvents.ts';

describe('words that a person wrote', () => {
  const words = { subject: 'P1: shorter', body: 'Less.' };
  const intents = (actor: Actor<AlertContext>, ...given: ActorInput[]) =>
    paramsOf<FilingIntent>(actor.take(...given).actions, 'intend').map(({ request }) => request);

  it('the subject and body of a replay are used for its ticket, and for no later episode', () => {
    const actor = alert();
    actor.take(p1, sent, rejected);
    expect(intents(actor, replay(1, words))).toMatchObject([{ words }]);
    actor.take(rejected, resolved(), sent);
    expect(intents(actor, p1)).not.toMatchObject([{ words }]);
  });

  it('the subject and body of a replay do not go to an umbrella, whose ticket names others too', () => {
    const actor = alert();
    actor.take(p1, sent, rejected, replay(1, words));
    const told = paramsOf<ActorMessage>(actor.take(refused('storm')).actions, 'tell').map(({ event }) => event);
    expect(told.map(({ type }) => type)).toContain('TICKET_MEMBER');
    expect(told.filter((event) => 'words' in event)).toEqual([]);
  });

  it('the subject and body of a replay go to the umbrella that was rejected', () => {
    const actor = alert();
    actor.take(p1, sent, refused('storm'), { ...unlisted('rejected'), filingId: 'umbrella:s:1' } as ActorInput);
    const { actions } = actor.take({ type: 'REPLAYED', filingId: 'umbrella:s:1', words } as ActorInput);
    expect(paramsOf(actions, 'tell')).toMatchObject([
      { to: 'umbrella:s', event: { type: 'TICKET_MEMBER', words } },
      { to: 'umbrella:s', event: { type: 'DM_MEMBER' } },
    ]);
  });
});
