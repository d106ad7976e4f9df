import type { Severity } from '../../../machines/shared/protocol.ts';
import type { ExpectedAlert } from '../ledger.ts';
import type { Random } from '../random.ts';
import type { Emission } from '../transport.ts';

/** What every format of a webhook sender has. */

export interface WebhookPost {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface Address {
  source: string;
  token: string;
}

export interface Format {
  /** The sender's own identity of an alert. */
  identity(alert: ExpectedAlert): readonly unknown[];
  /** `unusable`: so many alerts that nobody can use are among the others, if one request has several. */
  post(emissions: readonly Emission[], to: Address, options: { random: Random; unusable: number }): WebhookPost;
  /** A request that nobody can understand. */
  malformed(to: Address, random: Random): WebhookPost;
}

export const bearer = ({ token }: Address) => ({ authorization: `Bearer ${token}` });
export const path = (sender: string, { source }: Address) => `/api/webhooks/${sender}/${source}`;
export const json = (at: string, headers: Record<string, string>, body: unknown): WebhookPost => ({
  ...{ method: 'POST', path: at, headers: { 'content-type': 'application/json', ...headers } },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
export const isoOf = (at: number): string => new Date(at).toISOString();
/** The words of most senders. */
export const WORDS: Record<Severity, string> = { P1: 'critical', P2: 'error', P3: 'warning' };

/** An emission of a sender that sends one alert in each request. */
export function only(emissions: readonly Emission[]): Emission {
  const [emission] = emissions;
  if (!emission || emissions.length > 1) throw new Error('this sender sends one alert in each request');
  return emission;
}
