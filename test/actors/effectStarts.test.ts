import type { ClientBase } from 'pg';
import { expect, it } from 'vitest';
import { createEffectStarts } from '../../src/actors/effectStarts.ts';
import type { ClaimedEffect, JobClaims } from '../../src/actors/jobClaims.ts';
import { createLog } from '../../src/log/log.ts';

/** The order in which effects of one commit begin. */

const claimed = (id: string): ClaimedEffect => ({
  ...{ id, actor_id: 'toy:a', child_id: 'job', src: 'work', input: null as never },
  ...{ attempts: 1, version: 1, age_ms: 0, replayed: false, job_id: 1 },
});

/** Starts whose effects `ticket` and `message` were claimed; `ticket` runs until it is ended. */
function startsOfTwo() {
  const begun: string[] = [];
  let endTicket: () => void = () => undefined;
  const ticketEnds = new Promise<void>((resolve) => {
    endTicket = resolve;
  });
  const claims: Pick<JobClaims, 'beginIn' | 'complete'> = {
    beginIn: async () => [claimed('message'), claimed('ticket')],
    complete: async () => undefined,
  };
  const starts = createEffectStarts({
    claims: claims as JobClaims,
    runner: {
      async runBegun({ id }) {
        begun.push(id);
        if (id === 'ticket') await ticketEnds;
      },
    },
    places: { urgent: 1, other: 2 },
    onMany: () => undefined,
    log: createLog({ level: 'silent' }),
  });
  const begin = async (leading: readonly string[]) => {
    const added = ['message', 'ticket'].map((id) => ({
      ...{ id, isUrgent: false, mayBegin: true },
      leads: leading.includes(id),
    }));
    (await starts.begin({} as ClientBase, added)).committed();
  };
  return { begin, begun, endTicket, stop: starts.stop };
}

it('an effect that leads begins before the others of its commit, which do not wait for its end', async () => {
  const { begin, begun, endTicket, stop } = startsOfTwo();
  await begin(['ticket']);
  expect(begun).toEqual(['ticket']);
  await expect.poll(() => begun).toEqual(['ticket', 'message']);
  endTicket();
  await stop();
});

it('effects of which none leads all begin right after their commit', async () => {
  const { begin, begun, endTicket, stop } = startsOfTwo();
  await begin([]);
  expect(begun).toEqual(['message', 'ticket']);
  endTicket();
  await stop();
});
