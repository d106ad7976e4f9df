import type { Check } from './check.ts';
import type { Environment } from './environment.ts';

const ANSWER_WITHIN_MS = 15_000;
const BETWEEN_TRIES_MS = 30_000;

export function oneAnswer({ clock, ledger }: Environment): Check {
  return {
    step() {
      for (const [id, click] of ledger.clicks) {
        const { at, answers, isAttended } = click;
        if (answers.length > 1) return `click ${id} was answered ${answers.length} times`;
        if (answers.length === 0 && !isAttended()) click.excused = true;
        const took = (answers[0]?.at ?? clock.now()) - at;
        if (took > ANSWER_WITHIN_MS && !click.excused) return `click ${id} has no answer after ${took} ms`;
      }
      return null;
    },
  };
}

export function oneOpening({ tables, slack }: Environment): Check {
  let seen = 0;
  return {
    step() {
      for (; seen < slack.messages.length; seen++) {
        const { request } = slack.messages[seen] as (typeof slack.messages)[number];
        if (request.kind !== 'opened') continue;
        const twins = slack.messages.filter(
          (other) => other.request.kind === 'opened' && other.request.thread === request.thread,
        );
        const allowed = twins.some(({ unseen }) => unseen) ? 2 : 1;
        if (twins.length > allowed) return `${request.thread} was opened ${twins.length} times`;
      }
      return null;
    },
    atEnd() {
      for (const { request, phase, admittedAt } of tables.messages.values()) {
        if (request.kind !== 'opened' || phase === 'sent' || admittedAt === null) continue;
        const isDead = [...tables.effects.values()].some(
          ({ input, status }) => status === 'dead' && (input as { id?: string }).id === request.id,
        );
        if (!isDead) return `${request.thread} was never opened`;
      }
      return null;
    },
  };
}

export function oneTries(environment: Environment): Check {
  const { ledger } = environment;
  return {
    step() {
      const [before, last] = ledger.tries.slice(-2);
      if (before !== undefined && last !== undefined && last - before < BETWEEN_TRIES_MS) {
        return `the second of two tries came ${last - before} ms after the first`;
      }
      // Another outage, another first try.
      if (environment.moved.has('helpdesk') && !environment.deskFails()) ledger.tries.length = 0;
      return null;
    },
  };
}
