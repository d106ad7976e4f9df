import { type Escapes, HTML_ESCAPES, SLACK_ESCAPES } from './escapes.ts';
import type { UmbrellaMember } from './protocol.ts';

/**
 * Lists of alerts on tickets and in messages. An alert that counts as named is never named again, so a list takes only
 * as many as arrive: sizes are those of the rendered lines, in the unit in which the receiver limits them. Pure.
 */

interface ListLimit {
  members: number;
  size: number;
  sizeOf(member: UmbrellaMember): number;
}

/** Size of a text, from the size of each of its UTF-16 units. */
function sizeOfText(text: string, sizeOf: (unit: number) => number): number {
  let size = 0;
  for (let n = 0; n < text.length; n++) size += sizeOf(text.charCodeAt(n));
  return size;
}

/** The size of each entity, by the UTF-16 unit that it replaces. */
const sizesOf = (escapes: Escapes): ReadonlyMap<number, number> =>
  new Map(Object.entries(escapes).map(([character, entity]) => [character.charCodeAt(0), entity.length]));

const IN_HTML = sizesOf(HTML_ESCAPES);
const IN_SLACK = sizesOf(SLACK_ESCAPES);

/** In UTF-8. Each half of a surrogate pair is half of four bytes. */
function bytesOf(unit: number): number {
  if (unit < 0x80) return 1;
  return unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
}

const bytesInHtml = (unit: number): number => IN_HTML.get(unit) ?? bytesOf(unit);

const unitsInSlack = (unit: number): number => IN_SLACK.get(unit) ?? 1;

/** A body or note of at most 100 KiB, less the text before its list. */
export const TICKET_LIMIT: ListLimit = {
  members: 500,
  size: 95_000,
  sizeOf: ({ severity, title, alertKey }) =>
    `<li>${severity}  <code></code></li>`.length + sizeOfText(title, bytesInHtml) + sizeOfText(alertKey, bytesInHtml),
};

/** A message of at most 12,000 characters, of which its headline and links take 3,000 at most. */
export const MESSAGE_LIMIT: ListLimit = {
  members: 150,
  size: 8_800,
  sizeOf: ({ title, alertKey }) =>
    ' ()\n'.length + sizeOfText(title, unitsInSlack) + sizeOfText(alertKey, unitsInSlack),
};

/** How many members fit, from the first; at least one. */
export function howManyFit(members: readonly UmbrellaMember[], limit: ListLimit): number {
  let size = 0;
  const over = members.findIndex((member, n) => {
    size += limit.sizeOf(member);
    return n >= limit.members || size > limit.size;
  });
  return over < 0 ? members.length : Math.max(1, over);
}

/** As many lists as it takes to name all of them, in this order. */
export function inLists(members: readonly UmbrellaMember[], limit: ListLimit): UmbrellaMember[][] {
  const lists: UmbrellaMember[][] = [];
  for (let from = 0; from < members.length; from += lists.at(-1)?.length ?? 1) {
    const others = members.slice(from);
    lists.push(others.slice(0, howManyFit(others, limit)));
  }
  return lists;
}

const MAX_TITLE = 120;

/** With the title cut to what a list can show. */
export function shortened({ alertKey, severity, title }: UmbrellaMember): UmbrellaMember {
  const characters = [...title];
  const isLong = characters.length > MAX_TITLE;
  return { alertKey, severity, title: isLong ? `${characters.slice(0, MAX_TITLE - 1).join('')}…` : title };
}
