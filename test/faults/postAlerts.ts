import { fetchWithin } from '../../src/lib/fetchWithin.ts';
import { count, type Ledger } from './ledger.ts';
import { wrongRejection } from './malformedAlerts.ts';

interface AlertRequest {
  web: string;
  source: string;
  token: string;
  alerts: (object | null)[];
  /** The indexes of the alerts that must be rejected. */
  malformed: number[];
}

const ANSWER_MS = 8_000;

/** Sends alerts once. Resolves with whether they were accepted, and records answers that no fault explains. */
export async function postAlerts(
  { web, source, token, alerts, malformed }: AlertRequest,
  ledger: Ledger,
): Promise<boolean> {
  let status: number;
  let body: string;
  try {
    ({ status, text: body } = await fetchWithin(ANSWER_MS, `${web}/api/alerts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ source, alerts }),
    }));
  } catch {
    return false;
  }
  if (status === 202) {
    const wrong = wrongRejection(body, alerts.length, malformed);
    if (wrong !== null) ledger.wrongRejections.push(wrong);
    return true;
  }
  if (status < 500) {
    count(ledger.counts, `intake answered ${status}`);
    // An overloaded machine took too long to send the request on a connection that it had opened.
    if (status === 408) return false;
    ledger.wrongRejections.push(`intake answered ${status}: ${body}`);
  }
  return false;
}
