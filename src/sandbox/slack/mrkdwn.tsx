import type { ComponentChildren, VNode } from 'preact';
import { decode } from '../safeHtml.ts';

const PIECES = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|\*([^*\n]+)\*|_([^_\n]+)_|~([^~\n]+)~|(\n)/g;

/**
 * Renders Slack markup. The renderer escapes all text, so a message cannot contain HTML; links lead only to
 * http, https and mail addresses.
 */
export function Mrkdwn({ text }: { text: string }): VNode {
  return <>{pieces(text)}</>;
}

function pieces(text: string): ComponentChildren[] {
  const shown: ComponentChildren[] = [];
  let position = 0;
  for (const match of text.matchAll(PIECES)) {
    const [whole, block, code, angled, bold, italic, struck] = match;
    // Inside a word an underscore or an asterisk is not markup.
    const isLetter = bold !== undefined || italic !== undefined || struck !== undefined;
    if (isLetter && /\w/.test(text[match.index - 1] ?? '')) continue;
    shown.push(decode(text.slice(position, match.index)));
    position = match.index + whole.length;
    if (block !== undefined) shown.push(<pre>{decode(block).trim()}</pre>);
    else if (code !== undefined) shown.push(<code>{decode(code)}</code>);
    else if (angled !== undefined) shown.push(reference(angled));
    else if (bold !== undefined) shown.push(<strong>{pieces(bold)}</strong>);
    else if (italic !== undefined) shown.push(<em>{pieces(italic)}</em>);
    else if (struck !== undefined) shown.push(<s>{pieces(struck)}</s>);
    else shown.push(<br />);
  }
  shown.push(decode(text.slice(position)));
  return shown;
}

/** The content of angle brackets: a link, or a mention of a user or channel. */
function reference(inside: string): ComponentChildren {
  const [target = '', label] = inside.split('|', 2).map(decode);
  if (/^(https?:\/\/|mailto:)/i.test(target)) {
    return (
      <a href={target} rel="noopener noreferrer nofollow">
        {label ?? target}
      </a>
    );
  }
  if (/^[@#!]/.test(target)) return <strong>{label ?? target}</strong>;
  return `<${decode(inside)}>`;
}
