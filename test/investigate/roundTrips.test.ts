import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HelpDesk } from '../../src/tickets/port.ts';
import { type Environment, filed, reportChecks, startClickEnvironment } from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';
import { countSent, firstWithin, recordStatements } from '../support/recordStatements.ts';
import { startProcess } from '../support/startProcess.ts';

/** The way of a single click on an idle system, through a web process. */

let environment: Environment;
beforeAll(async () => {
  environment = await startClickEnvironment();
});
afterAll(() => environment.close());

/** Reads the answer again every half second. */
const READS_ANSWERS = 'src/surfaces/clickBatches.ts';
/** Until FreeScout is asked to create the ticket; one of them reads what suppresses, if what was read before is too old. */
const UNTIL_CALL = 8;
/** Until the answer; one of them ends the claim on the job, and may come later. */
const UNTIL_ANSWER = 15;

/** Waits until the process has ended its claim on the job of this surface's click. */
const ended = (id: string) =>
  eventually(async () => {
    const { rows } = await environment.pool.query(
      `select from effects e join graphile_worker._private_jobs j on j.key = 'effect:' || e.id
       where e.src = 'fileTicket' and e.actor_id = $1`,
      [`surface:${id}`],
    );
    expect(rows).toEqual([]);
  });

it('a single click takes a bounded number of round trips until FreeScout is called, and until its answer', async () => {
  const recorder = recordStatements();
  let sentBefore = 0;
  const recording = (desk: HelpDesk): HelpDesk => ({
    ...desk,
    create(...given) {
      sentBefore = recorder.sent.length;
      return desk.create(...given);
    },
  });
  const web = startProcess(environment.config, environment.url, environment.lines, recording, undefined, 'urgent');
  try {
    await reportChecks(web, 'first', 'up', 'down');
    // The first one also looks at FreeScout.
    await filed(web.investigate('first', 'olga'));
    const { untilCall, untilAnswer } = await firstWithin(
      async (name, before) => {
        await reportChecks(web, name, 'up', 'down');
        await ended(before);
        const from = recorder.sent.length;
        await filed(web.investigate(name, 'olga'));
        expect(sentBefore).toBeGreaterThan(from);
        const count = (until?: number) =>
          countSent(recorder.sent.slice(from, until).filter(({ file }) => file !== READS_ANSWERS));
        return { untilCall: count(sentBefore), untilAnswer: count() };
      },
      (counted) => counted.untilCall.roundTrips <= UNTIL_CALL && counted.untilAnswer.roundTrips <= UNTIL_ANSWER,
    );
    expect(untilCall.roundTrips, untilCall.list).toBeLessThanOrEqual(UNTIL_CALL);
    expect(untilAnswer.roundTrips, untilAnswer.list).toBeLessThanOrEqual(UNTIL_ANSWER);
  } finally {
    recorder.stop();
    await web.stop();
  }
});
