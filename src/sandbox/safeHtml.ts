/** Allowed elements; all attributes are removed except the address of a link. */
const ALLOWED = new Set(
  'p br b strong i em u a ul ol li table thead tbody tr th td pre code h1 h2 h3 h4 blockquote hr div span dl dt dd'.split(
    ' ',
  ),
);
const EMPTY = new Set(['br', 'hr']);
/** Removed together with their content; the text of other elements is kept. */
const DROPPED =
  /<(script|style|template|noscript|iframe|svg|math|textarea|title|head|object)\b[^<>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi;
const COMMENT = /<!--[\s\S]*?(?:-->|$)|<[!?][^>]*>?/g;
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^'"<>])*)>/gi;
const HREF = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;

/**
 * Sanitizes foreign HTML: a few harmless elements stay, everything else becomes text or is removed,
 * and every opened element is closed, so that it cannot affect the surrounding page.
 * The result is cut off after `longest` characters.
 */
export function safeHtml(html: string, longest = 200_000): string {
  const open: string[] = [];
  let safe = '';
  let position = 0;
  const source = html.slice(0, longest).replace(COMMENT, '').replace(DROPPED, '');

  for (const match of source.matchAll(TAG)) {
    safe += safeText(source.slice(position, match.index));
    position = match.index + match[0].length;
    const name = (match[2] ?? '').toLowerCase();
    if (!ALLOWED.has(name)) continue;
    if (match[1] === '/') safe += close(open, name);
    else safe += opening(open, name, match[3] ?? '');
  }
  return (
    safe +
    safeText(source.slice(position)) +
    open
      .reverse()
      .map((name) => `</${name}>`)
      .join('')
  );
}

function opening(open: string[], name: string, attributes: string): string {
  if (EMPTY.has(name)) return `<${name}>`;
  open.push(name);
  return name === 'a' ? `<a${link(attributes)}>` : `<${name}>`;
}

/** Closes elements up to the innermost open one of that name; an end tag without a start tag is dropped. */
function close(open: string[], name: string): string {
  const index = open.lastIndexOf(name);
  if (index < 0) return '';
  return open
    .splice(index)
    .reverse()
    .map((inner) => `</${inner}>`)
    .join('');
}

function link(attributes: string): string {
  const match = HREF.exec(attributes);
  const address = decode(match?.[1] ?? match?.[2] ?? match?.[3] ?? '').trim();
  if (!/^https?:\/\//i.test(address)) return '';
  return ` href="${escapeHtml(address)}" rel="noopener noreferrer nofollow"`;
}

/** Escapes everything except entities, which are escaped text already. */
function safeText(text: string): string {
  return text
    .replace(/&(?!(?:[a-z][a-z0-9]{1,31}|#\d{1,7}|#x[0-9a-f]{1,6});)/gi, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Decodes the common entities. */
export function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}

/** The text of HTML on one line, for a preview. */
export function plainText(html: string): string {
  const text = html.slice(0, 20_000).replace(COMMENT, '').replace(DROPPED, '').replace(TAG, ' ');
  return decode(text).replace(/\s+/g, ' ').trim();
}
