import { expect, it } from 'vitest';
import type { AlertContext } from '../../../machines/alert/types.ts';
import { type Actor, minutes, seconds } from '../support/driver.ts';
import { type WalkedSystem, walkRandomly } from '../support/randomWalk.ts';
import { createFleet } from './fleet.ts';

const named = (endings: Record<string, () => void>, how: string): Record<string, () => void> =>
  Object.fromEntries(
    Object.entries(endings).flatMap(([name, happen]) => (name.endsWith('files') ? [[`${name} ${how}`, happen]] : [])),
  );

/** Three alerts, their umbrella and the circuit breaker, with messages between them that arrive late and out of order. */
function system(storm: boolean): WalkedSystem {
  const fleet = createFleet({ storm });
  const { alerts, umbrella, helpdesk, outbox } = fleet;

  function choices(): Record<string, () => void> {
    return {
      ...Object.fromEntries(alerts.map((alert) => [`${alert.id} fires`, () => fleet.emit(alert)])),
      ...Object.fromEntries(alerts.map((alert) => [`${alert.id} ends`, () => fleet.resolve(alert)])),
      ...Object.fromEntries(alerts.map((alert) => [`the silence of ${alert.id} begins or ends`, () => silence(alert)])),
      ...fleet.endings('failed'),
      ...(!fleet.conditions.up && {
        ...named(fleet.endings('lost before'), 'and the request is lost'),
        ...named(fleet.endings('lost after'), 'and the response is lost'),
      }),
      ...(umbrella.running.has('list') && { 'a person closes the umbrella ticket': fleet.closeUmbrella }),
      'FreeScout fails': () => void Object.assign(fleet.conditions, { up: false }),
      'FreeScout works again': () => void Object.assign(fleet.conditions, { up: true }),
      'the flag is flipped': () => void Object.assign(fleet.conditions, { flag: !fleet.conditions.flag }),
      'a storm begins or ends': () => void Object.assign(fleet.conditions, { storm: !fleet.conditions.storm }),
      ...(outbox.length > 0 && {
        'the first message arrives': () => fleet.deliver(0),
        'the last message arrives': () => fleet.deliver(outbox.length - 1),
      }),
      'ten seconds': () => fleet.pass(seconds(10)),
      'half a minute': () => fleet.pass(seconds(30)),
      'a while': () => fleet.pass(minutes(6)),
    };
  }

  function silence(alert: Actor<AlertContext>): void {
    if (!fleet.silenced.delete(alert.id)) fleet.silenced.add(alert.id);
    fleet.review(alert);
  }

  function isIdle(): boolean {
    return outbox.length === 0 && Object.keys(fleet.endings('failed')).length === 0;
  }

  return {
    choices,
    check() {
      const own = fleet.named.flatMap(({ alertKey, episode }) => (episode === null ? [] : [`${alertKey} ${episode}`]));
      expect(new Set(own).size, 'one ticket for one episode').toBe(own.length);
      expect(new Set(helpdesk.context.waiting).size).toBe(helpdesk.context.waiting.length);
      expect(umbrella.context.naming).toBeLessThanOrEqual(umbrella.context.members.length);
      expect(umbrella.context.members.length).toBeLessThanOrEqual(umbrella.context.count);
    },
    end() {
      Object.assign(fleet.conditions, { up: true, flag: true });
      fleet.silenced.clear();
      for (let n = 0; n < 100 && !(n > 20 && isIdle()); n++) {
        if (n % 10 === 0) alerts.map(fleet.emit);
        while (outbox.length > 0) fleet.deliver(0);
        Object.values(fleet.endings('failed'))[0]?.();
        if (isIdle()) fleet.pass(seconds(31));
      }
      expect(isIdle(), 'all pending work ends').toBe(true);
      for (const alert of alerts) {
        const { alertKey, since, ticket, episode } = alert.context;
        const state = fleet.ticketState(alert);
        expect(['ticketed', 'stormed'], alertKey).toContain(state);
        expect(state === 'ticketed', alertKey).toBe(ticket !== null);
        const mine = fleet.named.filter((each) => each.alertKey === alertKey);
        const isNamed = mine.some((each) =>
          ticket ? each.episode === episode : each.episode === null && each.at >= since,
        );
        expect(isNamed, `${alertKey} is on a ticket`).toBe(true);
      }
      expect(helpdesk.context.waiting).toEqual([]);
    },
  };
}

it.each([
  ['with few alerts', false],
  ['in a storm', true],
])(
  'random walks of three alerts %s, with messages in any order: one filing probes at a time, and at the end every alert is on a ticket',
  (_, storm) => {
    walkRandomly(() => system(storm), { runs: 100, steps: 80 });
  },
  600_000,
);
