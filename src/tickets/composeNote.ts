import type { NoteAbout, UmbrellaMember } from '../../machines/shared/protocol.ts';
import { STORM_CALM_MS } from '../../machines/umbrella/types.ts';
import { detailsLine, senderLine, surfaceLine } from './factLines.ts';
import { escaped, paragraphs, utc } from './html.ts';

/** HTML of an internal note. `stillActive` counts the active alerts on an umbrella ticket, for the note that ends a storm. */
export function composeNote(about: NoteAbout, stillActive = 0): string {
  switch (about.what) {
    case 'recovered':
      return paragraphs([
        `${escaped(about.name)} is operational again, as of ${utc(about.at)}.${again('recovered', about.times)} This ticket stays open until someone closes it.`,
      ]);
    case 'resolved':
      return paragraphs([
        `Resolved at ${utc(about.at)}: ${escaped(about.title)}${about.reason ? ` (${escaped(about.reason)})` : ''}.${again('resolved', about.times)} This ticket stays open until someone closes it.`,
        `Alert key: <code>${escaped(about.alertKey)}</code>`,
      ]);
    case 'flapping':
      return paragraphs([
        `Flapping as of ${utc(about.at)}: ${escaped(about.title)}. ${about.times} more ${about.times === 1 ? 'outage' : 'outages'} since the last note. Further outages stay on this ticket until the surface has been up for ${Math.round(about.holdMs / 60_000)} minutes.`,
      ]);
    case 'continued':
      return paragraphs([
        `Active again since ${utc(about.since)}: <b>${about.severity}</b> ${escaped(about.title)}. ${about.endedAt && `It had been over since ${utc(about.endedAt)}. `}This ticket was still open, so it continues and no new one is filed.`,
        `Alert key: <code>${escaped(about.alertKey)}</code>`,
      ]);
    case 'severity':
      return paragraphs([
        `Now <b>${about.severity}</b>, as of ${utc(about.at)}: ${escaped(about.title)}`,
        ...(about.facts ? [detailsLine(about.facts), surfaceLine(about.facts), senderLine(about.facts)] : []),
      ]);
    case 'members':
      return paragraphs([
        `${about.count} alerts from ${escaped(about.source)} are on this ticket as of ${utc(about.at)}, ${EACH_TIME}.${about.members.length > 0 ? ' New since the last note:' : ''}`,
        about.members.length > 0 ? memberList(about.members, about.members.length) : null,
        ...(about.worse ? ['More severe since they joined:', memberList(about.worse, about.worse.length)] : []),
      ]);
    case 'dependents':
      return paragraphs([
        `These alerts are about surfaces that depend on this one. They get no tickets of their own while this outage lasts (as of ${utc(about.at)}):`,
        memberList(about.members, about.members.length),
      ]);
    case 'unstable':
      return paragraphs([
        `The sender gives this alert a new id each time (as of ${utc(about.at)}). All its alerts with the title “${escaped(about.title)}” count as this one alert and get no other ticket until the ids stay the same. Ids seen:`,
        `<ul>${about.alertIds.map((id) => `<li><code>${escaped(id)}</code></li>`).join('')}</ul>`,
      ]);
    case 'calm':
      return paragraphs([
        `The alert storm from ${escaped(about.source)} that began at ${utc(about.since)} is over: no alert has joined since ${utc(new Date(Date.parse(about.at) - STORM_CALM_MS))}. ${about.count === 1 ? '1 alert is on this ticket' : `${about.count} alerts are on this ticket, ${EACH_TIME}`}.`,
        stillActive === 0
          ? 'None of them is still active. This ticket stays open until someone closes it.'
          : `${stillActive} of them ${stillActive === 1 ? 'is' : 'are'} still active. New alerts from this source get their own tickets again.`,
      ]);
    default:
      return unknownKind('note', about);
  }
}

/** An alert that ends and fires again during a storm joins its ticket again. */
const EACH_TIME = 'each counted as often as it joined';

/** Notes that were merged into this one are counted. */
const again = (what: string, times = 1): string =>
  times > 1 ? ` It ${what} ${times} times while notes could not be written.` : '';

/** Stored by another release: no note is better than a note without content. */
function unknownKind(what: string, about: never): never {
  throw new Error(`This release does not know the ${what} "${String((about as { what?: unknown }).what)}".`);
}

/** The members as an HTML list, and how many of `count` are not listed. */
export const memberList = (members: readonly UmbrellaMember[], count: number): string =>
  `<ul>${members.map((m) => `<li>${m.severity} ${escaped(m.title)} <code>${escaped(m.alertKey)}</code></li>`).join('')}</ul>` +
  (count > members.length ? `and ${count - members.length} more.` : '');
