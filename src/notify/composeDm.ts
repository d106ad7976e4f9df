import { MAX_WAITING } from '../../machines/helpdeskQueue.ts';
import type { DmRequest, UmbrellaMember } from '../../machines/shared/protocol.ts';
import type { DirectMessage } from './port.ts';

/** Composes a direct message as plain text; the adapter escapes it. */
export function composeDm({ kind, body }: DmRequest, consoleUrl: string): DirectMessage {
  switch (kind) {
    case 'desk_failing':
      return {
        headline: 'FreeScout has been failing for 30 minutes',
        facts: [
          { label: 'Since', value: utc(body.since) },
          { label: 'Problem', value: text(body.problem) },
          {
            label: 'Tickets waiting',
            value: `${Number(body.waiting) >= MAX_WAITING ? 'at least ' : ''}${text(body.waiting)}`,
          },
        ],
        links: [{ label: 'Active alerts', url: `${consoleUrl}/console/alerts?state=firing` }],
      };
    case 'desk_back':
      return {
        headline: 'FreeScout is working again',
        facts: [{ label: 'Failed since', value: utc(body.since) }],
        links: [{ label: 'Alerts', url: `${consoleUrl}/console/alerts` }],
      };
    case 'letters_overdue':
      return {
        headline: `${text(body.count)} ${body.count === 1 ? 'dead letter needs' : 'dead letters need'} attention`,
        facts: [{ label: 'Oldest since', value: utc(body.since) }],
        links: [{ label: 'Dead letters', url: `${consoleUrl}/console/dead-letters` }],
      };
    case 'grouped':
      return composeGroupedDm(body, consoleUrl);
    case 'opened':
    case 'escalated':
    case 'ticket':
    case 'continued':
    case 'resolved':
    case 'flapping':
    case 'unassigned':
      return composeAlertDm(kind, body, consoleUrl);
    default:
      return unknownKind(kind);
  }
}

/** Stored by another release: nothing is better than a message without content. */
function unknownKind(kind: never): never {
  throw new Error(`This release does not know the direct message "${String(kind)}".`);
}

const HEADLINES: Partial<Record<DmRequest['kind'], (severity: string, title: string) => string>> = {
  escalated: (severity, title) => `Now ${severity}: ${title}`,
  resolved: (_severity, title) => `Resolved: ${title}`,
  continued: (severity, title) => `Active again, ${severity}: ${title}`,
  flapping: (severity, title) => `Flapping, ${severity}: ${title}`,
  unassigned: (severity, title) => `Unassigned, ${severity}: ${title}`,
};

function composeAlertDm(kind: DmRequest['kind'], body: Record<string, unknown>, consoleUrl: string): DirectMessage {
  const severity = text(body.severity);
  const title = text(body.title);
  const surfaceId = body.surfaceId === null ? '' : text(body.surfaceId);
  const ticket = body.ticket as { id: number; url: string } | null;
  return {
    headline: HEADLINES[kind]?.(severity, title) ?? `${severity}: ${title}`,
    facts: [
      ...(surfaceId ? [{ label: 'Surface', value: `${text(body.surfaceName ?? surfaceId)} (${surfaceId})` }] : []),
      ...(body.details ? [{ label: 'Details', value: text(body.details) }] : []),
      { label: 'Since', value: utc(body.since) },
      ...(kind === 'unassigned' ? [{ label: 'Assigned to', value: assignedTo(body) }] : []),
      ...(kind === 'continued' ? [{ label: 'Last resolved', value: utc(body.endedAt) }] : []),
      ...(kind === 'resolved' ? [{ label: 'Resolved', value: utc(body.at) }] : []),
      ...(kind === 'resolved' && body.reason ? [{ label: 'Reason', value: text(body.reason) }] : []),
      { label: 'Alert key', value: text(body.alertKey) },
      ...(body.leftOut ? [{ label: 'Left out', value: leftOut(Number(body.leftOut)) }] : []),
    ],
    links: [
      { label: 'Console', url: `${consoleUrl}/console/alerts?q=${encodeURIComponent(text(body.alertKey))}` },
      ...(ticket ? [{ label: `Ticket #${ticket.id}`, url: ticket.url }] : []),
    ],
  };
}

function composeGroupedDm(body: Record<string, unknown>, consoleUrl: string): DirectMessage {
  const members = body.members as UmbrellaMember[];
  const source = text(body.source);
  const ticket = body.ticket as { id: number; url: string } | null;
  return {
    headline: `${members.length} more alerts from ${source}`,
    facts: memberFacts(members),
    links: [
      { label: 'Alerts', url: `${consoleUrl}/console/alerts?q=${encodeURIComponent(source)}` },
      ...(ticket ? [{ label: `Umbrella ticket #${ticket.id}`, url: ticket.url }] : []),
    ],
  };
}

/** Slack allows few fields but long ones, so each field lists as many alerts of one severity as fit. */
const FIELD_LENGTH = 1_200;

function memberFacts(members: UmbrellaMember[]): { label: string; value: string }[] {
  const facts: { label: string; value: string }[] = [];
  for (const severity of ['P1', 'P2', 'P3']) {
    let value = '';
    for (const member of members) {
      if (member.severity !== severity) continue;
      const line = `${member.title} (${member.alertKey})`;
      if (value !== '' && value.length + line.length >= FIELD_LENGTH) {
        facts.push({ label: severity, value });
        value = '';
      }
      value += value === '' ? line : `\n${line}`;
    }
    if (value !== '') facts.push({ label: severity, value });
  }
  return facts;
}

const assignedTo = ({ assignment, afterMinutes }: Record<string, unknown>): string =>
  assignment === 'unknown'
    ? `unknown: FreeScout cannot be read, ${minutesAfter(afterMinutes)}`
    : `nobody, ${minutesAfter(afterMinutes)}`;

const minutesAfter = (minutes: unknown): string =>
  `${text(minutes)} ${minutes === 1 ? 'minute' : 'minutes'} after the ticket`;

/** They waited so long that this one took their place. */
const leftOut = (count: number): string =>
  `${count} earlier ${count === 1 ? 'message' : 'messages'} of this kind, while messages could not be sent`;

const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));
const utc = (value: unknown): string => {
  const at = new Date(text(value));
  return Number.isNaN(at.getTime()) ? 'unknown' : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};
