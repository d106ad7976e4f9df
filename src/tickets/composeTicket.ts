import type { AlertRequest, FilingRequest, TicketText } from '../../machines/shared/protocol.ts';
import { memberList } from './composeNote.ts';
import { detailsLine, senderLine, surfaceLine } from './factLines.ts';
import type { Filing, LastCheck } from './filingStore.ts';
import { escaped, foreignLink, isWebAddress, type Line, link, paragraphs, plainText, utc } from './html.ts';
import type { NewTicket } from './port.ts';
import { subjectLine, subjectOf } from './subject.ts';

/** What a ticket shows besides the request itself. */
export interface TicketFacts {
  consoleUrl: string;
  /** An open ticket about the same surface that this one does not replace. */
  earlier: { id: number; url: string } | null;
  lastCheck: LastCheck | null;
}

/** Subject and HTML body of a new ticket. A person's own words, if the request has them, replace the composed text. */
export function composeTicket({ marker, request }: Pick<Filing, 'marker' | 'request'>, facts: TicketFacts): NewTicket {
  const words = 'words' in request ? request.words : undefined;
  if (words) {
    const lines = [...paragraphsOf(words), consoleLink(request, facts), reference(marker)];
    return { subject: subjectLine(`[${marker}] `, words.subject, ''), html: paragraphs(lines) };
  }
  return { subject: subjectOf(marker, request), html: paragraphs(linesOf(marker, request, facts)) };
}

/** In a person's own text an empty line starts a paragraph. */
const paragraphsOf = ({ body }: TicketText): Line[] =>
  body.split(/\n[ \t]*\n/).map((part) => escaped(part.trim()).replaceAll('\n', '<br>'));

const NO_MARKER = 'AT-0000000000';

/** Subject and body of a ticket as plain text for a person to edit, without the reference, which is added again later. */
export function editableText(request: FilingRequest): TicketText {
  const lines = linesOf(NO_MARKER, request, { consoleUrl: '', earlier: null, lastCheck: null });
  return {
    subject: subjectOf(NO_MARKER, request).slice(`[${NO_MARKER}] `.length),
    body: lines
      .filter((line): line is string => Boolean(line) && line !== reference(NO_MARKER))
      .map(plainText)
      .filter((line) => line !== '')
      .join('\n\n'),
  };
}

function linesOf(marker: string, request: FilingRequest, facts: TicketFacts): Line[] {
  switch (request.path) {
    case 'investigate':
      return [
        `<b>${escaped(request.surfaceName)}</b> (${escaped(request.surfaceId)}) ${statusSince(request)}.`,
        lastCheckLine(facts.lastCheck),
        `Filed for ${escaped(request.by)}, who clicked Investigate.`,
        facts.earlier &&
          `An earlier ticket about this surface is still open: ${link(facts.earlier.url, `#${facts.earlier.id}`)}.`,
        consoleLink(request, facts),
        reference(marker),
      ];
    case 'alert':
      return [
        `<b>${request.severity}</b>: ${escaped(request.title)}`,
        detailsLine(request),
        `Source ${escaped(request.source)}, active since ${utc(request.since)}.`,
        earlierTicketLine(request),
        surfaceLine(request),
        lastCheckLine(facts.lastCheck),
        labelsTable(request.labels ?? {}),
        senderLine(request),
        consoleLink(request, facts),
        `Alert key: <code>${escaped(request.alertKey)}</code>`,
        reference(marker),
      ];
    case 'umbrella':
      return [
        `<b>${escaped(request.source)}</b> has been sending more alerts than can get their own tickets since ${utc(request.since)}. Further alerts of this storm are listed here.`,
        consoleLink(request, facts),
        reference(marker),
        // Last, because FreeScout cuts a long body at its end.
        memberList(request.members, request.count),
      ];
  }
}

const earlierTicketLine = ({ continues: earlier }: AlertRequest): Line =>
  earlier ? `The last ticket of this alert is not open any more: ${link(earlier.url, `#${earlier.id}`)}.` : null;

/** In characters, so that the body stays within what FreeScout shows even if each of them is escaped. */
const LABELS_LENGTH = 6_000;

/** Labels and links of the sender, links first. Those that do not fit are counted. */
function labelsTable(labels: Record<string, string>): Line {
  const all = Object.entries(labels).toSorted(([, a], [, b]) => Number(isWebAddress(b)) - Number(isWebAddress(a)));
  let room = LABELS_LENGTH;
  const shown = all.filter(([name, value]) => {
    room -= name.length + value.length;
    return room >= 0;
  });
  const rows = shown.map(([name, value]) => row(escaped(name), foreignLink(value.replace(/\s+/g, ' '))));
  const more = all.length - shown.length;
  if (more > 0) rows.push(row('…', `${more} more`));
  return rows.length === 0 ? null : `<table>${rows.join('')}</table>`;
}

const row = (name: string, value: string): string => `<tr><td>${name}</td><td>${value}</td></tr>`;

const statusSince = ({ status, since }: { status: string; since: string | null }): string =>
  since ? `has been <b>${status}</b> since ${utc(since)}` : `is <b>${status}</b>`;

function lastCheckLine(check: LastCheck | null): Line {
  if (!check) return null;
  const details = [
    check.httpStatus && !check.error?.includes(String(check.httpStatus)) && `HTTP ${check.httpStatus}`,
    check.error && escaped(check.error),
    check.latencyMs !== null && `${check.latencyMs} ms`,
  ].filter(Boolean);
  return `Last check at ${utc(check.at)}: ${check.outcome}${details.length > 0 ? ` (${details.join(', ')})` : ''}.`;
}

function consoleLink(request: FilingRequest, { consoleUrl }: TicketFacts): string {
  const alerts = (q: string) => `${consoleUrl}/console/alerts?q=${encodeURIComponent(q)}`;
  switch (request.path) {
    case 'investigate':
      return link(`${consoleUrl}/console/surfaces/${request.surfaceId}`, 'Surface in the console');
    case 'alert':
      return link(alerts(request.alertKey), 'Alert in the console');
    case 'umbrella':
      return link(alerts(request.source), 'Alerts in the console');
  }
}

const reference = (marker: string): string =>
  `<small>Filed by the console. Reference ${marker}; keep it in the subject.</small>`;
