import { expect, it } from 'vitest';
import { createChecksInFlight } from '../../src/surfaces/checksInFlight.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import type { Claimed } from '../../src/surfaces/schedule.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';

const UP: CheckResult = { outcome: 'up', latencyMs: 50, httpStatus: 200, error: null };
const NO_ANSWER: CheckResult = { outcome: 'down', latencyMs: null, httpStatus: null, error: 'no complete answer' };
/** A turn is a tenth of a second of virtual time. */
const SECOND = 10;
const [config] = parseSurfaces(
  JSON.stringify({ surfaces: [{ id: 'x', name: 'X', url: 'http://a.example/' }] }),
  'test',
);

interface Watched {
  id: string;
  hangs: boolean;
  unresponsive: boolean;
  dueAt: number;
  claimedAt: number;
}

/** Ten thousand surfaces, due at even distances. Those that hang answered until now, and hold a check for ten seconds. */
function world(hanging: number, intervalTurns: number) {
  const surfaces = Array.from({ length: 10_000 }, (_, n): Watched => {
    const dueAt = Math.floor((n * intervalTurns) / 10_000);
    return { id: `s-${n}`, hangs: n % (10_000 / hanging) === 0, unresponsive: false, dueAt, claimedAt: 0 };
  });
  return { surfaces, byId: new Map(surfaces.map((each) => [each.id, each])) };
}

/** Polls for `turns` as the poller does, and returns how late the checks of surfaces that answer began, in turns. */
async function poll(places: number, hanging: number, turns: number): Promise<{ late: number[]; failed: number }> {
  const interval = 30 * SECOND;
  const { surfaces, byId } = world(hanging, interval);
  let now = 0;
  let failed = 0;
  const late: number[] = [];
  const answers = new Map<number, (() => void)[]>();
  const inFlight = createChecksInFlight({
    places,
    probe: ({ id }, signal) =>
      new Promise((resolve) => {
        const hangs = byId.get(id)?.hangs === true;
        const at = now + (hangs ? 10 * SECOND : 1);
        answers.set(at, [...(answers.get(at) ?? []), () => resolve(hangs ? NO_ANSWER : UP)]);
        signal.addEventListener('abort', () => resolve(NO_ANSWER));
      }),
    onResult({ surface, check }) {
      const watched = byId.get(surface.id);
      if (!watched) return;
      watched.unresponsive = check.outcome === 'down';
      if (watched.unresponsive) failed += 1;
      watched.dueAt = watched.claimedAt + interval;
    },
  });
  for (; now < turns; now += 1) {
    for (const answer of answers.get(now) ?? []) answer();
    answers.delete(now);
    await new Promise(setImmediate);
    inFlight.turn();
    const also = new Set(inFlight.givenUp());
    const room = inFlight.room();
    const due = surfaces.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    const [unresponsive, answering] = [true, false].map((is) =>
      due.filter((s) => (s.unresponsive || also.has(s.id)) === is),
    );
    const begun = (answering ?? []).slice(0, Math.max(0, room.any));
    const slow = (unresponsive ?? []).slice(0, Math.max(0, Math.min(room.unresponsive, room.any - begun.length)));
    for (const each of [...begun, ...slow]) {
      if (!each.hangs) late.push(now - each.dueAt);
      Object.assign(each, { dueAt: Number.POSITIVE_INFINITY, claimedAt: now });
      inFlight.begin({
        id: each.id,
        config: { ...config, id: each.id },
        unresponsive: slow.includes(each),
        claimed_at: new Date(0),
      } as Claimed);
    }
    if (inFlight.room().any > 0 || begun.length === (answering ?? []).length) continue;
    for (const id of inFlight.giveUpSlow()) Object.assign(byId.get(id) ?? {}, { dueAt: now });
  }
  await inFlight.stop();
  return { late: late.sort((a, b) => a - b), failed };
}

it.each([256, 1_000])(
  'of 10,000 surfaces every 30 s, 1,000 that begin to hang at once do not delay the others, with %i places',
  async (places) => {
    const { late, failed } = await poll(places, 1_000, 90 * SECOND);
    expect(late.length).toBeGreaterThanOrEqual(2 * 9_000);
    expect(late[Math.floor(late.length * 0.99)]).toBeLessThanOrEqual(SECOND);
    expect(failed, 'checks of those that hang end all the same').toBeGreaterThan(1_000);
  },
);

it('slow checks beyond their limit are given up once, the youngest first', () => {
  const inFlight = createChecksInFlight({
    places: 4,
    probe: () => new Promise(() => undefined),
    onResult: () => undefined,
  });
  for (const id of ['a', 'b', 'c', 'd']) {
    inFlight.begin({ id, config: { ...config, id }, unresponsive: false, claimed_at: new Date(0) } as Claimed);
  }
  expect(inFlight.giveUpSlow(), 'none has waited for long').toEqual([]);
  for (let turn = 0; turn < 5; turn += 1) inFlight.turn();
  expect(inFlight.room()).toEqual({ any: 0, unresponsive: 0 });
  expect(inFlight.giveUpSlow(), 'one place of four is for the others').toEqual(['d']);
  expect(inFlight.giveUpSlow(), 'it is given up once').toEqual([]);
  expect(inFlight.givenUp()).toEqual(['d']);
});
