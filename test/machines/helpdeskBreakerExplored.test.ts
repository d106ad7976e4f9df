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
    { type: 'LEFT', who: 'a' },
    { type: 'SUCCEEDED' },
  ],
  answers: { dm: () => [{ outcome: 'sent' }] },
  key: ({ waiting, trying, told }) => [waiting, trying, told],
  rule({ event, before, after, says, effects }, wrong) {
    const turns = paramsOf<ActorMessage>(says, 'tell').filter(({ event: { type } }) => type === 'TRY');
    if (turns.filter(({ event: { probe } }) => probe === true).length > 1) wrong('two try at a time');

    const waited = [...before.context.waiting, ...(event.type === 'FAILED' && event.who ? [String(event.who)] : [])];
    for (const who of waited) {
      const leaves = event.type === 'LEFT' && event.who === who;
      const heard = turns.some(({ to }) => to === who) || leaves || who === before.context.trying;
      if (!after.context.waiting.includes(who) && !heard) wrong(`${who} waits and is forgotten`);
    }
    if (after.states.includes('working') && after.context.waiting.length > 0) wrong('somebody waits although it works');

    for (const { kind } of effects.map(({ input }) => input as DmRequest)) {
      if (kind === 'desk_failing' && before.context.told) wrong('a person hears twice that it fails');
      if (kind === 'desk_back' && !before.context.told) wrong('a person hears the end of what nobody told');
    }
    if (before.context.told && !after.context.told && !event.type.endsWith('actor.dm')) wrong('nobody hears its end');
  },
};

testExploration(bounds, { rest: ['working'] });
