import type { DmResult } from '../../machines/shared/protocol.ts';
import { openingKey } from '../../src/notify/dmStore.ts';
import type { Environment } from './environment.ts';
import type { Check } from './invariantNames.ts';

const ANSWER_WITHIN_MS = 15_000;
const BETWEEN_PROBES_MS = 30_000;

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

/** Messages of which an episode has one. */
const ONCE = ['opened', 'unassigned'];

export function oneOpening({ tables, slack }: Environment): Check {
  let seen = 0;
  return {
    step() {
      for (; seen < slack.messages.length; seen++) {
        const { request } = slack.messages[seen] as (typeof slack.messages)[number];
        if (!ONCE.includes(request.kind)) continue;
        const openings = slack.messages.filter(
          (other) => other.request.kind === request.kind && openingKey(other.request) === openingKey(request),
        );
        const allowed = openings.some(({ lookUpRefused }) => lookUpRefused) ? 2 : 1;
        if (openings.length > allowed)
          return `${openingKey(request)} has ${openings.length} messages of kind ${request.kind}`;
      }
      return null;
    },
    atEnd() {
      for (const { request, phase, admittedAt, copyOf, handedOver } of tables.messages.values()) {
        if (request.kind !== 'opened' || phase === 'sent' || handedOver) continue;
        if (admittedAt === null && copyOf === null) continue;
        // A process that slept may take a slot for a message which was grouped with others meanwhile.
        const isOver = [...tables.effects.values()].some(
          ({ input, status, output }) =>
            (input as { id?: string }).id === request.id &&
            (status === 'dead' || (output as DmResult | undefined)?.outcome === 'grouped'),
        );
        if (!isOver) return `${openingKey(request)} has no opening message`;
      }
      return null;
    },
  };
}

/** Messages that say that an episode goes on. Links to tickets, and messages to somebody else, may come at any time. */
const GOES_ON: readonly string[] = ['opened', 'escalated', 'flapping'];

export function rightEnd({ tables }: Environment): Check {
  return {
    atEnd() {
      const said = new Map<string, string[]>();
      for (const { request, copyOf } of tables.messages.values()) {
        const { thread, kind } = request;
        if (copyOf === null && (kind === 'resolved' || GOES_ON.includes(kind)))
          said.set(thread, [...(said.get(thread) ?? []), kind]);
      }
      for (const [thread, kinds] of said) {
        if (kinds.some((kind, n) => kind === 'resolved' && !GOES_ON.includes(kinds[n - 1] ?? '')))
          return `${thread} has the message of an end without a beginning: ${kinds.join(', ')}`;
        if (kinds.at(-1) !== 'resolved') return `${thread} has no message of its end: ${kinds.join(', ')}`;
      }
      return null;
    },
  };
}

export function oneProbe(environment: Environment): Check {
  const { ledger } = environment;
  return {
    step() {
      const [before, last] = ledger.probes.slice(-2);
      if (before !== undefined && last !== undefined && last.at - before.at < BETWEEN_PROBES_MS) {
        return `a probe came ${last.at - before.at} ms after the one before`;
      }
      // A new outage begins with a new probe.
      if (environment.moved.has('helpdesk') && !environment.isHelpdeskFailing()) ledger.probes.length = 0;
      return null;
    },
  };
}
