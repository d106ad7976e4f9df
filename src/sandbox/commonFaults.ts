import { isDeepStrictEqual } from 'node:util';
import { type FaultSpec, type Faults, parseFault } from './faultSwitches.ts';

/** A fault that one click begins, and one more ends. */
export interface CommonFault {
  name: string;
  label: string;
  fault: FaultSpec;
}

/** How servers fail that are called over HTTP. */
export const API_FAULTS: readonly CommonFault[] = [
  { name: 'slow', label: 'Slow: 8 s late', fault: { kind: 'delay', delay_ms: 8000 } },
  { name: 'hang', label: 'Never responds', fault: { kind: 'hang' } },
  { name: 'error', label: 'Status 500', fault: { kind: 'status', status: 500 } },
  { name: 'unavailable', label: 'Status 503', fault: { kind: 'status', status: 503 } },
  { name: 'flaky', label: 'Half of the requests 500', fault: { kind: 'status', status: 500, probability: 0.5 } },
  { name: 'limited', label: 'Rate limited (429)', fault: { kind: 'retry_after', retry_after: 5 } },
  { name: 'html', label: 'HTML instead of JSON', fault: { kind: 'html200' } },
  { name: 'rubbish', label: 'Status 200 with rubbish', fault: { kind: 'rubbish200' } },
  { name: 'truncated', label: 'Truncated JSON', fault: { kind: 'bad_json' } },
  { name: 'redirect', label: 'Redirects elsewhere', fault: { kind: 'redirect' } },
  { name: 'reset', label: 'Resets the connection', fault: { kind: 'reset' } },
  { name: 'lost', label: 'Creates it, then loses the answer', fault: { kind: 'reset', when: 'after', method: 'POST' } },
];

/** Slack reports a wrong token with status 200. */
export const SLACK_FAULTS: readonly CommonFault[] = [
  ...API_FAULTS,
  {
    name: 'refused',
    label: 'Token refused',
    fault: { kind: 'rubbish200', body: '{"ok":false,"error":"invalid_auth"}' },
  },
];

/** How an OpenID provider fails. */
export const PROVIDER_FAULTS: readonly CommonFault[] = [
  { name: 'slow', label: 'Slow: 3 s late', fault: { kind: 'delay', delay_ms: 3000 } },
  { name: 'hang', label: 'Never responds', fault: { kind: 'hang' } },
  { name: 'unavailable', label: 'Status 503', fault: { kind: 'status', status: 503 } },
  { name: 'html', label: 'HTML instead of JSON', fault: { kind: 'html200' } },
  { name: 'reset', label: 'Resets the connection', fault: { kind: 'reset' } },
  {
    name: 'client',
    label: 'Refuses the console',
    fault: { kind: 'status', status: 401, path: '^/token$', body: '{"error":"invalid_client"}' },
  },
];

/** How all services fail at once; each one has its own buttons too. */
export const SERVICE_FAULTS: readonly CommonFault[] = [
  { name: 'slow', label: 'All are slow: 3 s late', fault: { kind: 'delay', delay_ms: 3000 } },
  { name: 'hang', label: 'None responds', fault: { kind: 'hang' } },
  { name: 'error', label: 'All respond with 500', fault: { kind: 'status', status: 500 } },
  { name: 'flaky', label: 'Half of the checks 500', fault: { kind: 'status', status: 500, probability: 0.5 } },
  { name: 'redirect', label: 'All redirect elsewhere', fault: { kind: 'redirect' } },
  { name: 'reset', label: 'All reset the connection', fault: { kind: 'reset' } },
];

/** Whether a common fault is active. */
export const isActive = (faults: Faults, { fault }: CommonFault): boolean => idOf(faults, fault) !== null;

/** Begins a common fault, or ends it if it is active. */
export function toggle(faults: Faults, { fault }: CommonFault): void {
  const id = idOf(faults, fault);
  if (id === null) faults.add(fault);
  else faults.remove(id);
}

function idOf(faults: Faults, fault: FaultSpec): string | null {
  const wanted = parseFault(fault);
  return faults.list().find(({ id: _, hits: __, ...active }) => isDeepStrictEqual(active, wanted))?.id ?? null;
}
