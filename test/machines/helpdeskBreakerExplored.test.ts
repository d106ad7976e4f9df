import { type HelpdeskBreakerContext, helpdeskBreakerMachine } from '../../machines/helpdeskBreaker.ts';
import type { ActorMessage, DmRequest } from '../../machines/shared/protocol.ts';
import { paramsOf } from './support/driver.ts';
import type { Bounds } from './support/explore.ts';
import { testExploration } from './support/exploredTests.ts';

/** Two alerts file, and one filing for which nobody waits. */
const bounds: Bounds<HelpdeskBreakerContext> = {
  machine: helpdeskBreakerMachine,
  id: 'helpdesk',
  events: () => [
    ...['a', 'b', null].map((who) => ({ type: 'FAILED', who, problem: 'unavailable' })),
    { type: 'FAILED', who: 'a', problem: 'held' },
    { type: 'FAILED', who: 'b', problem: 'held' },
    { type: 'FAILED', who: 'a', problem: 'rejected', refused: 'a' },
    { type: 'FAILED', who: null, problem: 'rejected', refused: 'a' },
    { type: 'FAILED', who: null, problem: 'unavailable', refused: 'a', own: true },
    { type: 'LEFT', who: 'a' },
    { type: 'SUCCEEDED', by: 'b' },
    { type: 'SUCCEEDED', by: 'a' },
    { type: 'SUCCEEDED', by: 'b', read: true },
  ],
  answers: { dm: () => [{ outcome: 'sent' }], check: () => [{ works: true }, { works: false }] },
  key: ({ waiting, trying, told, refused }) => [
    waiting,
    trying,
    told,
    refused.map(({ who, confirmed, unconfirmed, inDoubt }) => [who, confirmed > 0, Math.min(unconfirmed, 4), inDoubt]),
  ],
  rule({ event, before, after, actions, effects }, report) {
    const turns = paramsOf<ActorMessage>(actions, 'tell').filter(({ event: { type } }) => type === 'TRY');
    if (turns.filter(({ event: { probe } }) => probe === true).length > 1) report('two filings probe at a time');

    const waited = [...before.context.waiting, ...(event.type === 'FAILED' && event.who ? [String(event.who)] : [])];
    for (const who of waited.filter((each) => event.type !== 'SUCCEEDED' || each !== event.by)) {
      const leaves = (event.type === 'LEFT' && event.who === who) || event.type === 'xstate.done.actor.check';
      const heard = turns.some(({ to }) => to === who) || leaves || who === before.context.trying;
      if (!after.context.waiting.includes(who) && !heard) report(`${who} waits and is no longer in the queue`);
    }
    if (after.states.includes('working') && after.context.waiting.length > 0)
      report('a filing waits although FreeScout works');

    for (const { kind } of effects.map(({ input }) => input as DmRequest)) {
      if (kind === 'desk_failing' && before.context.told) report('the failure is reported twice');
      if (kind === 'desk_back' && !before.context.told) report('a recovery is reported without a reported failure');
    }
    if (before.context.told && !after.context.told && !event.type.endsWith('actor.dm'))
      report('the recovery of a reported failure is not reported');
  },
};

testExploration(bounds, { rest: ['working'] });
