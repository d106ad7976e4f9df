import type { Readable } from 'node:stream';
import iconv from 'iconv-lite';

/** Limit for reading a body, after decompression. */
const MAX_BODY_BYTES = 1_048_576;
/** A page names its charset within its first bytes. A byte order mark is shorter. */
const SNIFFED_BYTES = 1_024;
const BYTE_ORDER_MARK_BYTES = 3;
const CHARSET = /charset\s*=\s*["']?\s*([\w.:+-]+)/i;
/** A page that names one of these so that it can be read as ASCII is not encoded in it. */
const NO_SUPERSET_OF_ASCII = /^(utf-?16|utf-?32|ucs-?2)/i;
const XML_ENCODING = /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.:+-]+)["']/i;

type Decoder = Pick<iconv.DecoderStream, 'write' | 'end'>;

/**
 * Whether a body contains a text. The body is decoded by its byte order mark, else by the charset of its Content-Type, else by
 * the charset that the page itself names, else as UTF-8. Reads only until the text is found, and keeps only as much of
 * the body as the text is long.
 */
export async function bodyContains(
  body: Readable,
  wanted: string | null,
  contentType: string,
  signal: AbortSignal,
): Promise<boolean> {
  const stop = (): void => void body.destroy(new Error('too late'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await search(body, wanted, contentType);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function search(body: Readable, wanted: string | null, contentType: string): Promise<boolean> {
  const enough = needsSniffing(contentType) ? SNIFFED_BYTES : BYTE_ORDER_MARK_BYTES;
  let decoder: Decoder | null = null;
  let start = Buffer.alloc(0);
  let tail = '';
  let read = 0;
  // An accent may be a character of its own, which a reader does not see.
  const sought = wanted?.normalize() ?? null;
  /** `bytes`: null at the end of the body. */
  const isFound = (using: Decoder, bytes: Buffer | null): boolean => {
    if (sought === null) return false;
    const text = bytes === null ? using.end() : using.write(bytes);
    const seen = (tail + (text ?? '')).normalize();
    tail = seen.slice(Math.max(0, seen.length - sought.length + 1));
    return seen.includes(sought);
  };
  for await (const chunk of body as AsyncIterable<Buffer>) {
    read += chunk.length;
    let next = chunk;
    if (decoder === null) {
      start = Buffer.concat([start, chunk]);
      if (start.length < enough && read < MAX_BODY_BYTES) continue;
      decoder = decoderFor(start, contentType);
      next = start;
    }
    if (isFound(decoder, next)) return true;
    if (read >= MAX_BODY_BYTES) return false;
  }
  if (decoder === null) {
    decoder = decoderFor(start, contentType);
    if (isFound(decoder, start)) return true;
  }
  // Some decoders hold back the first bytes until they know the byte order.
  return isFound(decoder, null);
}

/** Only markup names its charset itself. */
const needsSniffing = (contentType: string): boolean => !CHARSET.test(contentType) && /html|xml/i.test(contentType);

function decoderFor(start: Buffer, contentType: string): Decoder {
  const head = start.subarray(0, SNIFFED_BYTES).toString('latin1');
  const inPage = [XML_ENCODING.exec(head)?.[1], metaCharset(head)].map((name) =>
    name !== undefined && NO_SUPERSET_OF_ASCII.test(name) ? 'utf-8' : name,
  );
  for (const name of [byteOrderMark(start), CHARSET.exec(contentType)?.[1], ...inPage]) {
    const decoder = name === undefined ? null : decoderNamed(name);
    if (decoder) return decoder;
  }
  return iconv.getDecoder('utf-8');
}

/** Null if there is none. `TextDecoder` knows a few that iconv-lite does not, such as ISO-2022-JP. */
function decoderNamed(name: string): Decoder | null {
  // Servers that say ISO-8859-1 mean windows-1252, as browsers know.
  if (/^(iso-?8859-1|latin-?1|us-ascii)$/i.test(name)) return iconv.getDecoder('windows-1252');
  if (iconv.encodingExists(name)) return iconv.getDecoder(name);
  try {
    const decoder = new TextDecoder(name);
    return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
  } catch {
    return null;
  }
}

function byteOrderMark(start: Buffer): string | undefined {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return undefined;
}

const metaCharset = (head: string): string | undefined =>
  [...head.matchAll(/<meta\b[^>]*>/gi)].map(([tag]) => CHARSET.exec(tag)?.[1]).find((name) => name !== undefined);
