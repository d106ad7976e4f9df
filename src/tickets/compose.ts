import type { FilingRequest, NoteAbout, UmbrellaMember, Words } from '../../machines/shared/protocol.ts';
import type { Filing, LastCheck } from './filingStore.ts';
import type { NewTicket } from './port.ts';

/** The words of tickets and notes. All foreign text is escaped here and nowhere else. */

export const clickTags = (surfaceId: string): string[] => ['auto:status', `auto:status:${surfaceId}`];
const alertTags = (source: string): string[] => ['auto:alert', `auto:alert:${source}`];

export const tagsOf = (request: FilingRequest): string[] =>
  request.path === 'investigate' ? clickTags(request.surfaceId) : alertTags(request.source);

/** The same for a row of `filings` named `f`, as JSON in SQL. */
export const OWED_TAGS = `case f.path
  when 'investigate' then jsonb_build_array('auto:status', 'auto:status:' || (f.request->>'surfaceId'))
  else jsonb_build_array('auto:alert', 'auto:alert:' || (f.request->>'source')) end`;

export interface Around {
  consoleUrl: string;
  /** An open ticket about the same surface that this one does not replace. */
  earlier: { id: number; url: string } | null;
  lastCheck: LastCheck | null;
}

export function composeTicket({ marker, request }: Pick<Filing, 'marker' | 'request'>, around: Around): NewTicket {
  const words = 'words' in request ? request.words : undefined;
  if (words) {
    const lines = [...written(words), consoleLink(request, around), reference(marker)];
    return { subject: fitted(`[${marker}] `, words.subject, ''), html: paragraphs(lines) };
  }
  return { subject: subjectOf(marker, request), html: paragraphs(linesOf(marker, request, around)) };
}

/** A person's own text: an empty line begins a paragraph. */
const written = ({ body }: Words): Line[] =>
  body.split(/\n[ \t]*\n/).map((part) => escaped(part.trim()).replaceAll('\n', '<br>'));

const NO_MARKER = 'AT-0000000000';

/** What a ticket would say as plain text, for a person to change: without the reference, which is added to it again. */
export function wordsOf(request: FilingRequest): Words {
  const lines = linesOf(NO_MARKER, request, { consoleUrl: '', earlier: null, lastCheck: null });
  return {
    subject: subjectOf(NO_MARKER, request).slice(`[${NO_MARKER}] `.length),
    body: lines
      .filter((line): line is string => Boolean(line) && line !== reference(NO_MARKER))
      .map(plain)
      .filter((line) => line !== '')
      .join('\n\n'),
  };
}

/** The text of our own HTML. Links into the console are left out, as is what only a link says. */
const plain = (html: string): string =>
  html
    .replace(/<a href="\/[^"]*">[^<]*<\/a>/g, '')
    .replace(/<br>|<\/li>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => SIGNS[entity] ?? entity)
    .trim();

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

function consoleLink(request: FilingRequest, { consoleUrl }: Around): string {
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

function linesOf(marker: string, request: FilingRequest, around: Around): Line[] {
  switch (request.path) {
    case 'investigate':
      return [
        `<b>${escaped(request.surfaceName)}</b> (${escaped(request.surfaceId)}) is <b>${request.status}</b>${since(request.since)}.`,
        lastCheckLine(around.lastCheck),
        `Filed for ${escaped(request.by)}, who clicked Investigate.`,
        around.earlier &&
          `An earlier ticket about this surface is still open: ${link(around.earlier.url, `#${around.earlier.id}`)}.`,
        consoleLink(request, around),
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
        consoleLink(request, around),
        `Alert key: <code>${escaped(request.alertKey)}</code>`,
        reference(marker),
      ];
    case 'umbrella':
      return [
        `<b>${escaped(request.source)}</b> sends more alerts than get a ticket of their own${since(request.since)}. Those that follow are named here.`,
        consoleLink(request, around),
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
    case 'unstable':
      return paragraphs([
        `The sender gives this alert a new id each time, as it did until ${utc(about.at)}. Whatever it sends with the title “${escaped(about.title)}” is taken for this one alert, and gets no other ticket, until its ids stay the same. Ids seen:`,
        `<ul>${about.alertIds.map((id) => `<li><code>${escaped(id)}</code></li>`).join('')}</ul>`,
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
const SIGNS = Object.fromEntries(Object.entries(ENTITIES).map(([sign, entity]) => [entity, sign]));
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
