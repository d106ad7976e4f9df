import { VIOLATIONS, type ViolationKind } from './check/verdict.ts';
import type { Result, RunOptions } from './judge.ts';
import { type FaultCounts, usualCounts } from './planFaults.ts';
import type { Calls } from './proxy.ts';

/** The report at the end of a run. */
export function report(result: Result): string {
  const { tickets, clicks, messages, webhooks, releases, flapping } = result;
  const { counts, freescoutCalls, slackCalls, senderCalls } = result;
  const processFaults = Object.entries(counts).filter(([name]) => name.startsWith('fault: '));
  const edits = Object.entries(counts).filter(([name]) => name.startsWith('ticket edit: '));
  const of = (...kinds: ViolationKind[]) => result.violations.filter(({ kind }) => kinds.includes(kind)).length;
  const share = (part: number, whole: number) => (whole === 0 ? '0 %' : `${Math.round((100 * part) / whole)} %`);
  const calls = ({ all, duringFaults, faulted }: Calls) =>
    `${all}, ${duringFaults} of them while faults were enabled; ${faulted} faulty (${share(faulted, duringFaults)} of those, ${share(faulted, all)} of all)`;
  return [
    title('Faults'),
    ...processFaults.map(([name, n]) => row(name.slice(7), n)),
    row('steps that no worker came to', counts['steps that no worker came to'] ?? 0),
    row('FreeScout calls', calls(freescoutCalls)),
    ...sorted(result.freescoutFaults),
    row('Slack calls', calls(slackCalls)),
    ...sorted(result.slackFaults),
    row('webhook requests', calls(senderCalls)),
    ...sorted(result.senderFaults),
    ...edits.map(([name, n]) => row(name, n)),
    title('Load'),
    row('incidents', counts.incidents ?? 0),
    row('episodes', tickets.episodes),
    row('emissions acknowledged', result.acknowledged),
    row('emissions repeated for lack of a response', counts['emissions without an answer'] ?? 0),
    row('malformed alerts among good ones', counts['malformed alerts'] ?? 0),
    row('episodes of a sender that speaks once', counts['episodes of a sender that speaks once'] ?? 0),
    row(
      'webhook requests',
      `${webhooks.requests}, stored ${webhooks.stored}, perhaps stored ${webhooks.unknown}; ` +
        `given up by their sender: ${counts['webhook requests given up by their sender'] ?? 0}`,
    ),
    row('malformed webhook requests', counts['malformed webhook requests'] ?? 0),
    row('messages delivered twice', counts['messages delivered twice'] ?? 0),
    row('flag flips', counts['flag flips'] ?? 0),
    row(
      'clicks',
      `${clicks.clicks}, answered ${clicks.answered}: ${clicks.withTicket} with a ticket, ${clicks.degraded} without`,
    ),
    row('clicks on a healthy service', clicks.notDegraded),
    row('outages of services', `${flapping.outages}; continued the ticket of a flapping one: ${flapping.continued}`),
    title('Deploys, each rolled back once and then completed'),
    row('deploys', releases.deploys),
    row('jobs that older processes took beside newer ones', releases.takenByOlder),
    row('jobs of a newer release that they took', releases.takenTooNew),
    row('effects with names that only newer ones know', releases.newEffects),
    row('events that they left to newer ones', `${releases.waits}; the longest wait: ${releases.longestWait} s`),
    row('effects that waited while rolled back', releases.waitingEffects),
    row('reports of older processes about that', releases.reports),
    title('Results'),
    row('tickets of alerts expected', tickets.expected),
    row('tickets of alerts found', tickets.found),
    row('duplicate', tickets.duplicate),
    row('missing', tickets.missing),
    row('untagged', tickets.untagged),
    row('episodes that ended before a ticket was created', tickets.endedBefore),
    row('tickets of clicks', clicks.tickets),
    row('audit rows of alert tickets expected', tickets.auditExpected),
    row('audit rows of alert tickets found', tickets.auditFound),
    row('audit rows of clicks', clicks.auditRows),
    row('webhook requests that are dead letters', webhooks.notUnderstood),
    row('alerts of webhook requests that were rejected', webhooks.rejectedAlerts),
    row('alerts of webhooks', `${webhooks.alerts}, with known episodes: ${webhooks.exact}`),
    row('opening messages expected', messages.openings),
    row('opening messages found', messages.openingsFound),
    row('messages', `${messages.messages}; repeated after a lost response: ${messages.doubles}`),
    row('notes', `${messages.notes}; repeated after a lost response: ${messages.doubleNotes}`),
    row('wrong or missing audit rows', of('wrong_audit', 'missing_audit')),
    row('acknowledged events lost', of('lost_event', 'lost_update', 'overwrote_newer')),
    row('acknowledged webhook requests lost', of('lost_request')),
    row('repeated messages that took effect twice', of('repeated_event')),
    row('unhandled errors', of('error_line', 'stray_output', 'ended', 'dirty_stop', 'dead_letter', 'parked')),
    title('Counted separately, because no client can detect it'),
    row('tickets deleted or stripped of their marker while in doubt', tickets.undetectable),
    row("people's tags overwritten at the same moment", tickets.lostTags),
    title('Recovery'),
    row('from the last fault until idle, by round', `${result.recoveries.join(' s, ')} s`),
    row('slowest', `${Math.max(...result.recoveries)} s`),
    row('jobs of vanished hosts taken over', takeoversLine(result.takeovers)),
    row(
      'from the end of a primary until the next emission',
      `${result.failovers.map((s) => `${s ?? 'never'} s`).join(', ') || 'no failover'}`,
    ),
    title(result.passed ? 'Passed' : `Violations: ${result.violations.length}`),
    ...violations(result),
    `seed ${result.seed}, ${result.incidents} incidents, ${result.seconds} s of faults, ${result.tookSeconds} s in total`,
    `repeat with: ${commandOf(result)}`,
    ...(result.dir === null ? [] : [`logs: ${result.dir}`]),
  ].join('\n');
}

/** The command that repeats the schedule. */
export function commandOf({ seed, incidents, seconds, control, rare }: RunOptions): string {
  const usual = usualCounts(seconds);
  const changed = Object.entries(FLAGS).flatMap(([name, flag]) =>
    rare[name as keyof FaultCounts] === usual[name as keyof FaultCounts]
      ? []
      : [` ${flag} ${rare[name as keyof FaultCounts]}`],
  );
  const disabled = control === null ? '' : ` --control ${control}`;
  return `npm run -s faults -- --seed ${seed} --incidents ${incidents} --seconds ${seconds}${changed.join('')}${disabled}`;
}

const FLAGS: Record<keyof FaultCounts, string> = {
  silentLinks: '--silent-links',
  lostHosts: '--lost-hosts',
  longPauses: '--long-pauses',
  failovers: '--failovers',
  nameFaults: '--name-faults',
  clockSteps: '--clock-steps',
  clockHours: '--clock-hours',
  killPoints: '--kill-points',
  deploys: '--deploys',
};

export function takeoversLine(all: Result['takeovers']): string {
  if (all.length === 0) return 'no host vanished with jobs';
  const jobs = all.reduce((sum, each) => sum + each.jobs, 0);
  const slowest = all.some(({ ms }) => ms === null) ? 'never' : `${Math.max(...all.map(({ ms }) => ms ?? 0)) / 1000} s`;
  return `${jobs} jobs; vanished hosts: ${all.length}; slowest: ${slowest}`;
}

const SHOWN = 5;

function violations({ violations: all }: Result): string[] {
  return VIOLATIONS.flatMap((kind) => {
    const own = all.filter((each) => each.kind === kind);
    if (own.length === 0) return [];
    const more = own.length > SHOWN ? [`      and ${own.length - SHOWN} more`] : [];
    return [row(kind, own.length), ...own.slice(0, SHOWN).map(({ what }) => `      ${what}`), ...more];
  });
}

const title = (text: string): string => `\n${text}`;
const row = (name: string, value: string | number): string => `  ${name.padEnd(50)} ${value}`;
const sorted = (faults: Record<string, number>): string[] =>
  Object.entries(faults)
    .sort((a, b) => b[1] - a[1])
    .map(([name, n]) => row(`  ${name}`, n));
