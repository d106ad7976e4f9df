import { setTimeout as sleep } from 'node:timers/promises';
import { alertsOf, postAlerts } from '../alerts.ts';
import { filingProcesses } from '../filing.ts';
import { commitAndCallFloor, commitFloor, helpdeskFloor, p50AndP99 } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import type { Stubs } from '../stubs.ts';

/** Until the tags and the message of the last alert are done, so that each alert meets an idle system. */
const PAUSE_MS = 50;

const LANES = ['web and worker', 'one process'] as const;

export const oneAlert: Scenario = {
  name: 'one-alert',
  title: 'One new P2 alert on an idle system, until FreeScout receives the POST',
  aim: 'p50 ≤ 5 ms, p99 ≤ 25 ms; ≤ 3 × (one commit + one call)',
  bound: 'the commit of the alert, the start of its effect, and the commit of the attempt before the call',
  comparisons: LANES.flatMap((of) => [
    { figure: 'p50 ms', of, to: 'one commit and one call', aim: '≤ 3' },
    { figure: 'p50 ms', of, to: 'bare commits', aim: '–' },
    { figure: 'p50 ms', of, to: 'bare help desk call', aim: '–' },
  ]),
  limits: LANES.flatMap((lane) => [
    { lane, figure: 'p50 ms', aim: '≤ 5' },
    { lane, figure: 'p99 ms', aim: '≤ 25' },
  ]),
  sizes: { count: 100, latency: 0 },
  async prepare(environment, { count }) {
    const { stubs } = environment;
    // On a database of its own, since workers take the effects of every process.
    const { url } = await environment.database('bench_all');
    const programs = {
      'web and worker': await filingProcesses(environment).webAndWorker(),
      'one process': await filingProcesses(environment, url).all(),
    };
    return [
      ...LANES.map(
        (name): Lane => ({
          name,
          async measure(round) {
            const took: number[] = [];
            for (const alert of alertsOf(`one${round}`, count)) {
              took.push(await untilPosted(stubs, alert.title, () => postAlerts(programs[name].url, [alert], 'P2')));
              await sleep(PAUSE_MS);
            }
            return p50AndP99(took);
          },
        }),
      ),
      await commitAndCallFloor(environment, count, PAUSE_MS),
      await commitFloor(environment),
      helpdeskFloor(environment),
    ];
  },
};

/** Milliseconds from the start of `send` until the ticket with this title arrives at FreeScout. */
async function untilPosted(stubs: Stubs, title: string, send: () => Promise<unknown>): Promise<number> {
  const isTicket = ({ kind, text }: { kind: string; text: string }) => kind === 'ticket' && text.includes(title);
  stubs.take();
  const from = performance.timeOrigin + performance.now();
  await send();
  await stubs.until((arrived) => arrived.some(isTicket));
  return (stubs.take().find(isTicket)?.at ?? Number.NaN) - from;
}
