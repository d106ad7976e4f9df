import { expect, it } from 'vitest';
import { createEffectStarts } from '../../src/actors/effectStarts.ts';
import type { JobClaims } from '../../src/actors/jobClaims.ts';
import { createLog } from '../../src/log/log.ts';

/** The order in which effects of one commit begin. */

const effect = (id: string) => ({ id, actor_id: 'toy:a', child_id: 'job', src: 'work', input: null, version: 1 });

/** Starts of the effects `ticket` and `message`; `ticket` runs until it is ended. */
function startsOfTwo() {
  const begun: string[] = [];
  let endTicket: () => void = () => undefined;
  const ticketEnds = new Promise<void>((resolve) => {
    endTicket = resolve;
  });
  const claims: Pick<JobClaims, 'complete'> = {
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
  const begin = (leading: readonly string[]) => {
    const added = ['message', 'ticket'].map((id) => ({
      ...{ effect: effect(id), isUrgent: false, mayBegin: true },
      leads: leading.includes(id),
    }));
    starts.begin(added).committed();
  };
  return { begin, begun, endTicket, stop: starts.stop };
}

it('an effect that leads begins before the others of its commit, which do not wait for its end', async () => {
  const { begin, begun, endTicket, stop } = startsOfTwo();
  begin(['ticket']);
  expect(begun).toEqual(['ticket']);
  await expect.poll(() => begun).toEqual(['ticket', 'message']);
  endTicket();
  await stop();
});

it('effects of which none leads all begin right after their commit', async () => {
  const { begin, begun, endTicket, stop } = startsOfTwo();
  begin([]);
  expect(begun).toEqual(['message', 'ticket']);
  endTicket();
  await stop();
});
