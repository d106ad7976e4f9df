import { describe, expect, it } from 'vitest';
import { minutes, paramsOf, seconds, wait } from '../support/driver.ts';
import { checked } from '../support/events.ts';
import { down, isDown, maintenance, removed, slow, surface, up } from './surfaceEvents.ts';

describe('what is shown', () => {
  it('a suspicion changes neither the status nor its start', () => {
    const actor = surface();
    actor.take(down);
    expect(actor.context).toMatchObject({ status: 'UNKNOWN', since: null });
    actor.take(up);
    const { since } = actor.context;
    actor.take(wait(seconds(30)), down);
    expect(actor.context).toMatchObject({ status: 'OPERATIONAL', since });
    actor.take(wait(seconds(30)), up);
    expect(actor.context).toMatchObject({ status: 'OPERATIONAL', since });
  });

  it('an outage has one identity from its confirmation to its end, whatever its status', () => {
    const actor = surface();
    const emissions = [up, slow, slow, down, down, slow, slow, up, up].flatMap((check) => [
      ...paramsOf<{ confirmedAt: string; status: string }>(actor.take(check, wait(seconds(30))).actions, 'emitAlert'),
    ]);
    expect(new Set(emissions.map(({ confirmedAt }) => confirmedAt))).toEqual(new Set(['2026-05-05T14:01:00.000Z']));
    expect(emissions.at(-1)?.status).toBe('resolved');
  });

  it('the next outage has another identity', () => {
    const actor = surface();
    const first = paramsOf<{ confirmedAt: string }>(actor.take(...isDown).actions, 'emitAlert');
    const second = paramsOf<{ confirmedAt: string }>(actor.take(up, up, wait(1), down, down).actions, 'emitAlert');
    expect(second.at(-1)?.confirmedAt).not.toBe(first[0]?.confirmedAt);
  });

  it.each([
    ['healthy', up, []],
    ['slow', slow, ['emitAlert firing P3']],
    ['down', down, ['emitAlert firing P1']],
  ] as const)('a steady surface that is %s changes nothing and emits at most its alert', (_, check, asks) => {
    const actor = surface();
    actor.take(check, check, check);
    const before = actor.stored();
    const taken = actor.take(wait(seconds(30)), check);
    expect(taken).toMatchObject({ moved: false, asks });
    expect(actor.stored()).toBe(before);
  });

  it('maintenance leaves the status alone', () => {
    const actor = surface();
    actor.take(...isDown);
    const { status, since, confirmedAt } = actor.context;
    actor.take(wait(minutes(1)), maintenance, wait(minutes(1)), maintenance);
    expect(actor.context).toMatchObject({ status, since, confirmedAt });
  });

  it('taking a surface out of the file twice changes nothing', () => {
    const actor = surface();
    actor.take(...isDown, removed);
    expect(actor.take(removed)).toMatchObject({ moved: false, asks: [] });
  });

  it('thresholds of a changed file apply from the next check on', () => {
    const actor = surface();
    actor.take(checked('up', { failuresToOpen: 5 }), checked('down', { failuresToOpen: 5 }));
    actor.take(checked('down', { failuresToOpen: 5 }));
    expect(actor.value).toMatchObject({ health: 'suspect' });
    actor.take(checked('down', { failuresToOpen: 3 }));
    expect(actor.value).toMatchObject({ health: { outage: 'down' } });
  });
});
