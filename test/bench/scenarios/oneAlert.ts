import { alertsOf, postAlerts } from '../alerts.ts';
import { commitFloor, helpdeskFloor } from '../floor.ts';
import type { Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

export const oneAlert: Scenario = {
  name: 'one-alert',
  title: 'One new P2 alert on an idle system, until FreeScout receives the POST',
  aim: 'p50 ≤ 5 ms, p99 ≤ 25 ms; ≤ 3 × (one commit + one call)',
  bound: 'the commit of the alert, the start of its effect, and the commit of the attempt before the call',
  comparisons: [
    { figure: 'p50 ms', of: 'program', to: 'bare commits', aim: '–' },
    { figure: 'p50 ms', of: 'program', to: 'bare help desk call', aim: '–' },
  ],
  sizes: { count: 100, latency: 0 },
  async prepare(environment, { count }) {
    const settings = { STORM_MAX_TICKETS: '100000' };
    const web = await environment.program(['web'], settings);
    await environment.program(['worker'], settings);
    const { stubs } = environment;
    return [
      {
        name: 'program',
        async measure(round) {
          const took: number[] = [];
          for (const alert of alertsOf(`one${round}`, count)) {
            stubs.take();
            const from = performance.timeOrigin + performance.now();
            await postAlerts(web.url, [alert], 'P2');
            const isTicket = ({ kind, text }: { kind: string; text: string }) =>
              kind === 'ticket' && text.includes(alert.title);
            await stubs.until((arrived) => arrived.some(isTicket));
            took.push((stubs.take().find(isTicket)?.at ?? Number.NaN) - from);
          }
          return { 'p50 ms': percentile(took, 50), 'p99 ms': percentile(took, 99) };
        },
      },
      await commitFloor(environment),
      helpdeskFloor(environment),
    ];
  },
};
