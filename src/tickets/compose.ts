import type { FilingRequest, NoteAbout, UmbrellaMember } from '../../machines/asks.ts';
import type { Filing, LastCheck } from './filingStore.ts';
import type { NewTicket } from './port.ts';

/** The words of tickets and notes. All foreign text is escaped here and nowhere else. */

export const clickTags = (surfaceId: string): string[] => ['auto:status', `auto:status:${surfaceId}`];
const alertTags = (source: string): string[] => ['auto:alert', `auto:alert:${source}`];

export const tagsOf = (request: FilingRequest): string[] =>
  request.path === 'investigate' ? clickTags(request.surfaceId) : alertTags(request.source);

export interface Around {
  consoleUrl: string;
  /** An open ticket about the same surface that this one does not replace. */
  earlier: { id: number; url: string } | null;
  lastCheck: LastCheck | null;
}

export function composeTicket({ marker, request }: Pick<Filing, 'marker' | 'request'>, around: Around): NewTicket {
  return { subject: subjectOf(marker, request), html: paragraphs(linesOf(marker, request, around)) };
}

const SUBJECT_LENGTH = 200;
const NAME_LENGTH = 80;
/** In characters; even where each is escaped it leaves room for the rest of what FreeScout shows. */
const DETAILS_LENGTH = 10_000;

function subjectOf(marker: string, request: FilingRequest): string {
  switch (request.path) {
    case 'investigate':
      return fitted(`[${marker}] ${request.status}: `, request.surfaceName, ` (${request.surfaceId})`);
    case 'alert': {
      const { severity, title, surfaceId, surfaceName } = request;
      const front = `[${marker}] ${severity}: `;
      const id = surfaceId ? ` (${surfaceId})` : '';
      const subject = fitted(front, title, id);
      if (!surfaceName || subject.includes(surfaceName)) return subject;
      return fitted(front, title, ` - ${cut(surfaceName, NAME_LENGTH)}${id}`);
    }
    case 'umbrella':
      return fitted(`[${marker}] STORM: `, `many alerts from ${request.source}`, '');
  }
}

/** Operators search by surface, so a long title gives way and never the surface. */
function fitted(front: string, middle: string, end: string): string {
  return `${front}${cut(oneLine(middle), SUBJECT_LENGTH - [...front].length - [...end].length)}${oneLine(end)}`;
}

/** Whole characters: FreeScout takes a body with half of one for an empty body. */
function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ');

type Line = string | null;

function linesOf(marker: string, request: FilingRequest, around: Around): Line[] {
  switch (request.path) {
    case 'investigate':
      return [
        `<b>${escaped(request.surfaceName)}</b> (${escaped(request.surfaceId)}) is <b>${request.status}</b>${since(request.since)}.`,
        lastCheckLine(around.lastCheck),
        `Filed for ${escaped(request.by)}, who clicked Investigate.`,
        around.earlier &&
          `An earlier ticket about this surface is still open: ${link(around.earlier.url, `#${around.earlier.id}`)}.`,
        link(`${around.consoleUrl}/console/surfaces/${request.surfaceId}`, 'Surface in the console'),
        reference(marker),
      ];
    case 'alert':
      return [
        `<b>${request.severity}</b>: ${escaped(request.title)}`,
        request.details && escaped(cut(request.details, DETAILS_LENGTH)).replace(/\r?\n/g, '<br>'),
        `Source ${escaped(request.source)}, active${since(request.since)}.`,
        request.surfaceId &&
          `Surface: ${escaped(request.surfaceName ?? request.surfaceId)} (${escaped(request.surfaceId)})`,
        lastCheckLine(around.lastCheck),
        request.url && `From the sender: ${foreignLink(request.url)}`,
        link(`${around.consoleUrl}/console/alerts?q=${encodeURIComponent(request.alertKey)}`, 'Alert in the console'),
        `Alert key: <code>${escaped(request.alertKey)}</code>`,
        reference(marker),
      ];
    case 'umbrella':
      return [
        `<b>${escaped(request.source)}</b> sends more alerts than get a ticket of their own${since(request.since)}. Those that follow are named here.`,
        link(`${around.consoleUrl}/console/alerts?q=${encodeURIComponent(request.source)}`, 'Alerts in the console'),
        reference(marker),
        // Last, because what is too long for FreeScout is cut at the end.
        memberList(request.members, request.count),
      ];
  }
}

/** `stillActive`: how many of those that a storm's ticket names have not ended, where the note is about one. */
export function composeNote(about: NoteAbout, stillActive = 0): string {
  switch (about.what) {
    case 'recovered':
      return paragraphs([
        `${escaped(about.name)} is operational again, as of ${utc(about.at)}. This ticket stays open until someone closes it.`,
      ]);
    case 'resolved':
      return paragraphs([
        `Resolved at ${utc(about.at)}: ${escaped(about.title)}${about.reason ? ` (${escaped(about.reason)})` : ''}. This ticket stays open until someone closes it.`,
        `Alert key: <code>${escaped(about.alertKey)}</code>`,
      ]);
    case 'severity':
      return paragraphs([`Now <b>${about.severity}</b>, as of ${utc(about.at)}: ${escaped(about.title)}`]);
    case 'members':
      return paragraphs([
        `${about.count} alerts of ${escaped(about.source)} are on this ticket by ${utc(about.at)}. New since the last note:`,
        memberList(about.members, about.members.length),
      ]);
    case 'dependents':
      return paragraphs([
        `Depends on this, and gets no ticket of its own while this outage lasts; noted at ${utc(about.at)}:`,
        memberList(about.members, about.members.length),
      ]);
    case 'calm':
      return paragraphs([
        `The storm of ${escaped(about.source)} that began at ${utc(about.since)} is over: no alert joined since ${utc(new Date(Date.parse(about.at) - 10 * 60_000))}. ${about.count} ${about.count === 1 ? 'alert is' : 'alerts are'} on this ticket.`,
        stillActive === 0
          ? 'None of them is active any more. This ticket stays open until someone closes it.'
          : `${stillActive} of them ${stillActive === 1 ? 'is' : 'are'} still active. The next alerts of this source get tickets of their own again.`,
      ]);
  }
}

const memberList = (members: UmbrellaMember[], count: number): string =>
  `<ul>${members.map((m) => `<li>${m.severity} ${escaped(m.title)} <code>${escaped(m.alertKey)}</code></li>`).join('')}</ul>` +
  (count > members.length ? `and ${count - members.length} more.` : '');

function lastCheckLine(check: LastCheck | null): Line {
  if (!check) return null;
  const said = [
    check.httpStatus && !check.error?.includes(String(check.httpStatus)) && `HTTP ${check.httpStatus}`,
    check.error && escaped(check.error),
    check.latencyMs !== null && `${check.latencyMs} ms`,
  ];
  return `Last check at ${utc(check.at)}: ${check.outcome}${said.some(Boolean) ? ` (${said.filter(Boolean).join(', ')})` : ''}.`;
}

const paragraphs = (lines: Line[]): string =>
  lines
    .filter((line) => line)
    .map((line) => `<p>${line}</p>`)
    .join('\n');
const reference = (marker: string): string =>
  `<small>Filed by the console. Reference ${marker}; keep it in the subject.</small>`;
const since = (at: string | null): string => (at ? ` since ${utc(at)}` : '');
const utc = (at: string | Date): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const link = (href: string, text: string): string => `<a href="${escaped(href)}">${escaped(text)}</a>`;
/** A stranger's address becomes a link only where it is a web address. */
const foreignLink = (url: string): string => (/^https?:\/\//i.test(url) ? link(url, url) : escaped(url));

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
