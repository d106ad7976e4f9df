import type { RefusalKind } from './people.ts';

/** Sources of alerts and their requests, as routes and pages see them. */

/** A request to store; the body as it arrived. */
export interface SentRequest {
  source: string;
  sender: string;
  method: string;
  /** What follows the source in the address. */
  rest: string;
  query: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** A token that the surfaces file names, with the source that it belongs to. */
export interface SourceToken {
  source: string;
  token: string;
}

/** What shadow mode composed and did not post. */
export interface ShadowList {
  /** The sources and surfaces that are in shadow mode now. */
  sources: string[];
  surfaces: string[];
  /** At most a thousand are counted. */
  tickets_total: number;
  /** The latest. */
  tickets: ShadowTicket[];
  /** The same. */
  messages_total: number;
  messages: ShadowMessage[];
}

export interface ShadowTicket {
  source: string;
  surface_id: string | null;
  /** Null for an umbrella ticket. */
  alert_key: string | null;
  severity: string | null;
  subject: string;
  /** The body as plain text. */
  text: string;
  /** It would have joined the umbrella ticket of a storm instead. */
  on_umbrella: boolean;
  composed_at: string;
}

export interface ShadowMessage {
  source: string;
  surface_id: string | null;
  kind: string;
  headline: string;
  composed_at: string;
}

/** Requests of a source that were refused at the door for one reason, within the last 24 hours. */
export interface RefusedRequests {
  reason: RefusalKind;
  times: number;
  last_at: string;
}

export interface SourceRow {
  id: string;
  /** The adapter that reads its requests; null if it uses `POST /api/alerts`. */
  sender: string | null;
  /** Its name for people. */
  sender_title: string | null;
  /** Whether the surfaces file lists it. */
  declared: boolean;
  /** Nothing about its alerts is posted. */
  shadow: boolean;
  last_request_at: string | null;
  last_alert_at: string | null;
  /** Requests within the last hour. */
  requests_last_hour: number;
  /** Alerts of these requests that were taken, and that were refused. */
  alerts_last_hour: number;
  refused_last_hour: number;
  /** Different alerts that it reported as active within the last hour, in whichever way. */
  seen_last_hour: number;
  /** Most frequent first. */
  refused_requests: RefusedRequests[];
  /** Requests that wait for a person because they cannot be understood. */
  not_understood: number;
  /** Alerts that the sender left out of its requests within the last day. */
  left_out_last_day: number;
  waiting: number;
  /** Age of the oldest request that waits; 0 if none does. */
  lag_seconds: number;
  /** The address for its requests, and the configuration to paste into the sender; null if it has no adapter. */
  url: string | null;
  block: string | null;
  can_test: boolean;
}
