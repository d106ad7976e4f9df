import type { Block, KnownBlock } from '@slack/web-api';
import type { DirectMessage } from '../port.ts';

/** What Slack takes, in characters after escaping; each with some room left. */
const LIMIT = { section: 2_900, field: 1_900, text: 3_900, fieldsPerSection: 10, fields: 40, links: 10 };

/** Controls but the line feed, and the marks that reorder or hide neighbouring text. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const ENTITY: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Foreign text as Slack shows it literally, at most `max` characters after escaping. An entity or a
 * surrogate pair is never cut in half.
 */
export function escaped(text: string, max: number): string {
  let out = '';
  for (const char of text.replace(UNPRINTABLE, ' ')) {
    const next = ENTITY[char] ?? char;
    if (out.length + next.length > max - 1) return `${out}…`;
    out += next;
  }
  return out;
}

const oneLine = (text: string, max: number): string => escaped(text.replace(/\s+/g, ' ').trim(), max);

/** `<url|label>` for an http or https address without credentials; the bare label for anything else. */
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

/** Joins what fits and leaves the rest out, so that no line is ever cut inside a link. */
function joined(parts: string[], separator: string, max: number): string {
  let out = '';
  for (const part of parts) {
    const next = out === '' ? part : `${out}${separator}${part}`;
    if (next.length > max) break;
    out = next;
  }
  return out;
}

const section = (text: string): KnownBlock => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });

/** The message as blocks, and as the text that notifications and screen readers get. */
export function render(message: DirectMessage): { text: string; blocks: (KnownBlock | Block)[] } {
  const headline = oneLine(message.headline, 1_000) || '(no title)';
  const facts = message.facts.slice(0, LIMIT.fields).map(({ label, value }) => ({
    label: oneLine(label, 100) || '–',
    value: escaped(value.trim(), LIMIT.field - 150) || '–',
  }));
  const links = message.links.slice(0, LIMIT.links).map(link);

  const blocks: KnownBlock[] = [section(`*${headline}*`)];
  for (let i = 0; i < facts.length; i += LIMIT.fieldsPerSection) {
    blocks.push({
      type: 'section',
      fields: facts
        .slice(i, i + LIMIT.fieldsPerSection)
        .map(({ label, value }) => ({ type: 'mrkdwn', text: `*${label}*\n${value}`, verbatim: true })),
    });
  }
  const linkLine = joined(links, '  ·  ', LIMIT.section);
  if (linkLine !== '') blocks.push(section(linkLine));

  // Links come before facts: they are what a reader of the plain text needs most.
  const lines = [headline, ...links, ...facts.map(({ label, value }) => `${label}: ${value}`)];
  return { text: joined(lines, '\n', LIMIT.text), blocks };
}
