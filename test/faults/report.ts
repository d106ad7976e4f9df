import { VIOLATIONS, type ViolationKind } from './check/verdict.ts';
import type { Calls } from './proxy.ts';
import type { Result } from './run.ts';

/** The table at the end of a run. */
export function report(result: Result): string {
  const { tickets, clicks, messages, counts, freescoutCalls, slackCalls } = result;
  const struck = Object.entries(counts).filter(([name]) => name.startsWith('strike: '));
  const byHand = Object.entries(counts).filter(([name]) => name.startsWith('by hand: '));
  const of = (...kinds: ViolationKind[]) => result.violations.filter(({ kind }) => kinds.includes(kind)).length;
  const share = (part: number, whole: number) => (whole === 0 ? '0 %' : `${Math.round((100 * part) / whole)} %`);
  const calls = ({ all, duringFaults, faulted }: Calls) =>
    `${all}, of which ${duringFaults} while faults struck; faulty ${faulted} (${share(faulted, duringFaults)} of those, ${share(faulted, all)} of all)`;
  return [
    title('Faults'),
    ...struck.map(([name, n]) => row(name.slice(8), n)),
    row('help desk calls', calls(freescoutCalls)),
    ...sorted(result.freescoutFaults),
    row('Slack calls', calls(slackCalls)),
    ...sorted(result.slackFaults),
    ...byHand.map(([name, n]) => row(name, n)),
    title('Load'),
    row('incidents', counts.incidents ?? 0),
    row('episodes', tickets.episodes),
    row('emissions acknowledged', result.acknowledged),
    row('emissions without an answer, said again', counts['emissions without an answer'] ?? 0),
    row('flag flips', counts['flag flips'] ?? 0),
    row(
      'clicks',
      `${clicks.clicks}, answered ${clicks.answered}: ${clicks.withTicket} with a ticket, ${clicks.degraded} without`,
    ),
    row('clicks that found nothing degraded', clicks.notDegraded),
    title('What stands'),
    row('tickets of alerts expected', tickets.expected),
    row('tickets of alerts found', tickets.found),
    row('duplicate', tickets.duplicate),
    row('missing', tickets.missing),
    row('untagged', tickets.untagged),
    row('episodes that ended before a ticket was made', tickets.endedBefore),
    row('tickets of clicks', clicks.tickets),
    row('audit rows of tickets of alerts expected', tickets.auditExpected),
    row('audit rows of tickets of alerts found', tickets.auditFound),
    row('audit rows of clicks', clicks.auditRows),
    row('opening messages expected', messages.openings),
    row('opening messages found', messages.openingsFound),
    row('messages in all', `${messages.messages}, twice after a lost answer ${messages.doubles}`),
    row('notes', `${messages.notes}, twice after a lost answer ${messages.doubleNotes}`),
    row('wrong or missing audit rows', of('wrong_audit', 'missing_audit')),
    row('acknowledged events lost', of('lost_event', 'lost_update')),
    row('unhandled errors', of('error_line', 'stray_output', 'ended', 'dirty_stop', 'dead_letter', 'parked')),
    title('Counted apart, because no client can see it'),
    row('tickets deleted or unmarked by hand in the doubt', tickets.unseen),
    row("people's tags lost to a write at the same moment", tickets.lostTags),
    title('Recovery'),
    row('from the last fault to rest, by round', `${result.recoveries.join(' s, ')} s`),
    row('slowest', `${Math.max(...result.recoveries)} s`),
    title(result.passed ? 'Passed' : `Violations: ${result.violations.length}`),
    ...violations(result),
    `seed ${result.seed}, ${result.incidents} incidents, ${result.seconds} s of faults, ${result.tookSeconds} s in all`,
    `again: ${again(result)}`,
    ...(result.dir === null ? [] : [`logs: ${result.dir}`]),
  ].join('\n');
}

/** The same schedule once more. */
export const again = ({
  seed,
  incidents,
  seconds,
  control,
}: Pick<Result, 'seed' | 'incidents' | 'seconds' | 'control'>): string =>
  `npm run -s faults -- --seed ${seed} --incidents ${incidents} --seconds ${seconds}${control === null ? '' : ` --control ${control}`}`;

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
