import type { ActiveFault, FaultKind, FaultSpec } from './faultSwitches.ts';
import type { Trouble } from './sites.ts';
import type { Switches } from './switches.ts';

/** What each kind of fault makes of a response, as the rest of a sentence about who responds. */
const WORDS: Record<FaultKind, (fault: FaultSpec) => string> = {
  status: ({ status = 500 }) => `responds with status ${status}`,
  status_after: ({ status = 500 }) => `processes the request, then responds with status ${status}`,
  retry_after: ({ status = 429, retry_after = 1 }) => `responds with status ${status} and Retry-After ${retry_after}`,
  hang: () => 'never responds',
  delay: ({ delay_ms = 1000 }) => `responds ${delay_ms / 1000} s late`,
  reset: () => 'resets the connection',
  half: () => 'sends half of the response, then closes the connection',
  html200: () => 'responds with an HTML page and status 200',
  rubbish200: ({ body = 'JSON of an unexpected shape' }) => `responds with ${body} and status 200`,
  bad_json: () => 'responds with truncated JSON',
  redirect: ({ location = '/login' }) => `redirects to ${location}`,
  huge: ({ bytes = 64_000_000 }) => `responds with ${bytes} bytes`,
};

/** A fault as the rest of such a sentence, with the requests that it is limited to. */
function describeFault(fault: FaultSpec): string {
  const { kind, when, method, path, probability, times } = fault;
  const processed = when === 'after' && kind !== 'status_after' ? 'processes the request, then ' : '';
  const limits = [
    method === undefined ? '' : ` (${method.toUpperCase()} only)`,
    path === undefined ? '' : ` on ${path}`,
    probability === undefined ? '' : `, in ${Math.round(probability * 100)} % of the requests`,
    times === undefined ? '' : `, ${times} times in all`,
  ];
  return `${processed}${WORDS[kind](fault)}${limits.join('')}`;
}

/** The active faults of a simulated system and its switches that are not as usual, as sentences about `subject`. */
export function troublesOf(subject: string, faults: readonly ActiveFault[], switches?: Switches): Trouble[] {
  const changed = switches?.list().filter(({ on, usual }) => on !== usual) ?? [];
  return [
    ...faults.map((fault) => ({ what: `${subject} ${describeFault(fault)}`, hits: fault.hits })),
    ...changed.map(({ trouble }) => ({ what: `${subject}: ${trouble}`, hits: null })),
  ];
}
