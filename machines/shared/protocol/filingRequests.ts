import type { AlertFacts } from './alertFacts.ts';
import type { FiledTicket } from './filingResults.ts';
import type { Severity } from './severity.ts';

/** What a machine asks to be filed. */

/** The intent to file one ticket; only one intent may be open for a `subjectKey` at a time. */
export interface FilingIntent {
  filingId: string;
  subjectKey: string;
  source: string | null;
  /** Nothing may be posted after this instant; null when there is no deadline. */
  deadlineAt: string | null;
  request: FilingRequest;
}

export type FilingRequest = InvestigateRequest | AlertRequest | UmbrellaRequest;

export interface InvestigateRequest {
  path: 'investigate';
  surfaceId: string;
  surfaceName: string;
  status: string;
  since: string | null;
  by: string;
}

/** A subject and body that a person wrote instead of the composed ones; plain text, without the marker. */
export interface TicketText {
  subject: string;
  body: string;
}

export interface AlertRequest extends AlertFacts {
  path: 'alert';
  words?: TicketText;
  alertKey: string;
  source: string;
  since: string;
  /** No new ticket is filed while this one is open: the episode continues it. */
  continues?: FiledTicket;
}

export interface UmbrellaRequest {
  path: 'umbrella';
  words?: TicketText;
  source: string;
  since: string;
  count: number;
  members: UmbrellaMember[];
}

export interface UmbrellaMember {
  alertKey: string;
  severity: Severity;
  title: string;
}

/** Whether an alert is listed on the umbrella ticket of this filing; the latest entry counts. */
export interface Membership {
  filingId: string;
  alertKey: string;
  isOn: boolean;
}
