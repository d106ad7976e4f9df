import { z } from 'zod';
import type { Severity } from '../../machines/shared/protocol.ts';

/** The parts `notify` and `escalation` of the surfaces file: who gets messages about alerts. */

const RECIPIENTS =
  'a list of 1 to 20 ids of Slack channels and people, which begin with C, G, U or W, e.g. [C024BE91L, U012AB3CD]';
const SOURCES = 'a list of at most 1000 ids of sources, e.g. [status_poller], or leave it out for all';

/** What to write in each field. */
export const NOTIFY_HINTS: Record<string, string> = {
  notify: 'a list of recipients by severity and source, each starting with "- to:"',
  'notify[]': 'a map with to',
  'notify[].to': RECIPIENTS,
  'notify[].to[]': 'the id of a Slack channel or person, which begins with C, G, U or W, e.g. C024BE91L',
  'notify[].severity': 'a list of P1, P2 and P3, e.g. [P1, P2], or leave it out for all',
  'notify[].severity[]': 'P1, P2 or P3',
  'notify[].sources': SOURCES,
  'notify[].sources[]': 'the id of a source, e.g. status_poller',
  escalation: 'a list of whom to tell of a P1 that nobody is assigned to, each starting with "- after_minutes:"',
  'escalation[]': 'a map with after_minutes and to',
  'escalation[].after_minutes': 'whole minutes from 1 to 10080, e.g. 15',
  'escalation[].to': RECIPIENTS,
  'escalation[].to[]': 'the id of a Slack channel or person, which begins with C, G, U or W, e.g. U012AB3CD',
  'escalation[].sources': SOURCES,
  'escalation[].sources[]': 'the id of a source, e.g. status_poller',
};

const MAX_MINUTES = 10_080;

/** Names such as #ops change, and messages cannot be found again by them. */
const recipient = z.string().regex(/^[CGUW][A-Z0-9]{1,30}$/);
const recipients = z.array(recipient).min(1).max(20);
const sources = z
  .array(z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/))
  .min(1)
  .max(1_000);

const notifyRule = z
  .strictObject({
    to: recipients,
    severity: z
      .array(z.enum(['P1', 'P2', 'P3']))
      .min(1)
      .max(3)
      .optional(),
    sources: sources.optional(),
  })
  .transform(
    ({ to, severity, sources }): NotifyRule => ({
      to,
      ...(severity && { severities: severity }),
      ...(sources && { sources }),
    }),
  );

const escalationRule = z
  .strictObject({ after_minutes: z.int().min(1).max(MAX_MINUTES), to: recipients, sources: sources.optional() })
  .transform(
    ({ after_minutes, to, sources }): EscalationRule => ({
      afterMinutes: after_minutes,
      to,
      ...(sources && { sources }),
    }),
  );

export const notifySchema = z.array(notifyRule).max(200);
export const escalationSchema = z.array(escalationRule).max(200);

/** Who gets messages about alerts of these severities and sources; left out: of all. Survives JSON unchanged. */
export interface NotifyRule {
  to: string[];
  severities?: Severity[];
  sources?: string[];
}

/** Whom to tell of a P1 whose ticket is unassigned for so long. Survives JSON unchanged. */
export interface EscalationRule {
  afterMinutes: number;
  to: string[];
  sources?: string[];
}

export interface NotificationRules {
  notify: readonly NotifyRule[];
  escalation: readonly EscalationRule[];
}

/** Every recipient that the rules name, once. */
export const namedRecipients = ({ notify, escalation }: NotificationRules): string[] => [
  ...new Set([...notify, ...escalation].flatMap(({ to }) => to)),
];
