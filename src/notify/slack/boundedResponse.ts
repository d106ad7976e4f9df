import { maskSecrets } from '../../log/secretTexts.ts';

/** Longer property names are dropped: the library searches each name for tokens in quadratic time. */
const MAX_NAME = 200;
/** Statuses for which a Response must not have a body. */
const BODILESS = new Set([101, 204, 205, 304]);

/**
 * The same response without our secrets, and with long property names dropped. `isSlack`: its body has the field that every
 * answer of Slack has. Otherwise something in front of Slack answers.
 */
export async function boundedResponse(response: Response): Promise<{ bounded: Response; isSlack: boolean }> {
  const { status, statusText, headers } = response;
  const { text, isSlack } = boundedJson(maskSecrets(await response.text()));
  const body = BODILESS.has(status) ? null : text;
  return { bounded: new Response(body, { status, statusText, headers: headersOfPlainBody(headers) }), isSlack };
}

/** Text that is not JSON stays unchanged. */
function boundedJson(text: string): { text: string; isSlack: boolean } {
  try {
    const parsed: unknown = JSON.parse(text, (name, value) => (name.length > MAX_NAME ? undefined : value));
    const isSlack = typeof parsed === 'object' && parsed !== null && 'ok' in parsed && typeof parsed.ok === 'boolean';
    return { text: JSON.stringify(parsed), isSlack };
  } catch (error) {
    if (error instanceof SyntaxError) return { text, isSlack: false };
    throw error;
  }
}

/** Without the headers that describe the encoding and length of the original body. */
function headersOfPlainBody(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
  return kept;
}
