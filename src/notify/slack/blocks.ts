import type { Block, KnownBlock } from '@slack/web-api';
import { SLACK_ESCAPES } from '../../../machines/shared/escapes.ts';
import type { DirectMessage } from '../port.ts';

/** Slack's limits in characters after escaping, each with some margin. */
const LIMIT = {
  section: 2_900,
  field: 1_900,
  /** In bytes: Slack changes no message into one of more than 4,000. */
  textBytes: 3_900,
  fieldsPerSection: 10,
  fields: 40,
  allFields: 10_500,
  /** Of the message as a whole, without the marks around each part, which the margin covers. Slack does not document this limit. */
  allText: 12_000,
  links: 10,
};

const MORE_TEXT = '\n… the message has more';

/** Control characters except the line feed, and characters that reorder or hide other text. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Escapes foreign text so that Slack shows it literally, in at most `max` characters after escaping. Never cuts within an
 * entity or a surrogate pair.
 */
export function escaped(text: string, max: number): string {
  let out = '';
  for (const char of text.replace(UNPRINTABLE, ' ')) {
    const next = SLACK_ESCAPES[char] ?? char;
    if (out.length + next.length > max - 1) return `${out}…`;
    out += next;
  }
  return out;
}

/** Escapes foreign text into pieces of at most `max` characters, between lines where that is possible. */
function escapedPieces(text: string, max: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const line of text.replace(UNPRINTABLE, ' ').split('\n')) {
    const whole = [...line].map((char) => SLACK_ESCAPES[char] ?? char);
    const length = whole.reduce((sum, { length }) => sum + length, 0);
    if (piece !== '' && piece.length + 1 + length > max) {
      pieces.push(piece);
      piece = '';
    }
    if (piece !== '') piece += '\n';
    for (const char of whole) {
      if (piece.length + char.length > max) {
        pieces.push(piece);
        piece = '';
      }
      piece += char;
    }
  }
  return [...pieces, piece].filter((each) => each.trim() !== '');
}

const oneLine = (text: string, max: number): string => escaped(text.replace(/\s+/g, ' ').trim(), max);

/** `<url|label>` for an http or https URL without credentials; only the label for anything else. */
function link({ label, url }: { label: string; url: string }): string {
  const text = oneLine(label, 150) || 'link';
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !['http:', 'https:'].includes(target.protocol)) return text;
  if (target.username !== '' || target.password !== '') return text;
  const href = target.href
    .replaceAll('|', '%7C')
    .replaceAll('<', '%3C')
    .replaceAll('>', '%3E')
    .replaceAll('&', '&amp;');
  return href.length > 2_000 ? text : `<${href}|${text}>`;
}

/** Joins as many parts as fit, so that no link is cut. */
function joined(
  parts: string[],
  separator: string,
  max: number,
  sizeOf: (text: string) => number = ({ length }) => length,
): string {
  let out = '';
  for (const part of parts) {
    const next = out === '' ? part : `${out}${separator}${part}`;
    if (sizeOf(next) > max) break;
    out = next;
  }
  return out;
}

const section = (text: string): KnownBlock => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });

interface Fact {
  label: string;
  value: string;
}

/**
 * How many of the fields Slack takes in one message beside `others` characters; one field less if not all do, for the
 * remark about it.
 */
function howManyFit(facts: Fact[], others: number): number {
  const room = Math.min(LIMIT.allFields, LIMIT.allText - others);
  let characters = 0;
  const over = facts.findIndex(({ label, value }) => {
    characters += label.length + value.length;
    return characters > room;
  });
  const fitting = over < 0 ? facts.length : over;
  return fitting <= LIMIT.fields ? fitting : LIMIT.fields - 1;
}

/** Nothing is left out silently. */
const furtherParts = (count: number): Fact => ({
  label: 'And more',
  value: `Further parts of this message that do not fit: ${count}. The console has all of it.`,
});

/** The message as blocks, and as text for notifications and screen readers. */
export function render(message: DirectMessage): { text: string; blocks: (KnownBlock | Block)[] } {
  const headline = oneLine(message.headline, 1_000) || '(no title)';
  const all = message.facts.flatMap(({ label, value }) => {
    const pieces = escapedPieces(value.trim(), LIMIT.field - 150);
    return (pieces.length === 0 ? ['–'] : pieces).map((piece) => ({ label: oneLine(label, 100) || '–', value: piece }));
  });
  const links = message.links.slice(0, LIMIT.links).map(link);
  const linkLine = joined(links, '  ·  ', LIMIT.section);
  const fitting = howManyFit(all, headline.length + linkLine.length);
  const facts = fitting === all.length ? all : [...all.slice(0, fitting), furtherParts(all.length - fitting)];

  const blocks: KnownBlock[] = [section(`*${headline}*`)];
  for (let i = 0; i < facts.length; i += LIMIT.fieldsPerSection) {
    blocks.push({
      type: 'section',
      fields: facts
        .slice(i, i + LIMIT.fieldsPerSection)
        .map(({ label, value }) => ({ type: 'mrkdwn', text: `*${label}*\n${value}`, verbatim: true })),
    });
  }
  if (linkLine !== '') blocks.push(section(linkLine));

  // Links first: they matter most to a reader of the plain text.
  const lines = [headline, ...links, ...facts.map(({ label, value }) => `${label}: ${value}`)];
  const text = joined(lines, '\n', LIMIT.textBytes - Buffer.byteLength(MORE_TEXT), Buffer.byteLength);
  return { text: text.length < lines.join('\n').length ? `${text}${MORE_TEXT}` : text, blocks };
}
