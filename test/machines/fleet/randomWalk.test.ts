import { expect, it } from 'vitest';
import { minutes, seconds } from '../support/driver.ts';
import { type WalkedSystem, walkRandomly } from '../support/randomWalk.ts';
import { createFleet } from './fleet.ts';

const named = (endings: Record<string, () => void>, how: string): Record<string, () => void> =>
  Object.fromEntries(
    Object.entries(endings).flatMap(([name, happen]) => (name.endsWith('files') ? [[`${name} ${how}`, happen]] : [])),
  );

/** Three alerts, their umbrella and the help desk, with messages between them that come late and out of order. */
function world(storm: boolean): WalkedSystem {
  const fleet = createFleet({ storm });
  const { alerts, umbrella, helpdesk, outbox } = fleet;

  function choices(): Record<string, () => void> {
    return {
      ...Object.fromEntries(alerts.map((alert) => [`${alert.id} fires`, () => fleet.emit(alert)])),
      ...Object.fromEntries(alerts.map((alert) => [`${alert.id} ends`, () => fleet.resolve(alert)])),
      ...fleet.endings('failed'),
      ...(!fleet.world.up && {
        ...named(fleet.endings('lost before'), 'and the request is lost'),
        ...named(fleet.endings('lost after'), 'and the answer is lost'),
      }),
      ...(umbrella.running.has('list') && { 'somebody closes the umbrella': fleet.closeUmbrella }),
      'the help desk fails': () => void Object.assign(fleet.world, { up: false }),
      'the help desk is back': () => void Object.assign(fleet.world, { up: true }),
      'the flag goes over': () => void Object.assign(fleet.world, { flag: !fleet.world.flag }),
      'a storm begins or ends': () => void Object.assign(fleet.world, { storm: !fleet.world.storm }),
      ...(outbox.length > 0 && {
        'the first message arrives': () => fleet.deliver(0),
        'the last message arrives': () => fleet.deliver(outbox.length - 1),
      }),
      'ten seconds': () => fleet.pass(seconds(10)),
      'half a minute': () => fleet.pass(seconds(30)),
      'a while': () => fleet.pass(minutes(6)),
    };
  }

  function isQuiet(): boolean {
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
      Object.assign(fleet.world, { up: true, flag: true });
      for (let n = 0; n < 100 && !(n > 20 && isQuiet()); n++) {
        if (n % 10 === 0) alerts.map(fleet.emit);
        while (outbox.length > 0) fleet.deliver(0);
        Object.values(fleet.endings('failed'))[0]?.();
        if (isQuiet()) fleet.pass(seconds(31));
      }
      expect(isQuiet(), 'all comes to rest').toBe(true);
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
  '%s, in whatever order word arrives: one tries at a time, and in the end every alert is on a ticket',
  (_, storm) => {
    walkRandomly(() => world(storm), { runs: 150, steps: 80 });
  },
  120_000,
);
