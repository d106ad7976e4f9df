/** Far more than the longest page of a conversation's history. */
const MAX_BYTES = 5 * 1024 * 1024;
/** Slack's own names are words. The library looks for tokens in each of them, in a time that grows with their square. */
const MAX_NAME = 200;
/** What the standard lets no body go with. */
const BODILESS = new Set([101, 204, 205, 304]);

/** The same answer with a body that is no longer and no odder than we are ready for. Throws where it is too long. */
export async function boundedResponse(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const text = boundedJson(await textOf(response));
  return new Response(BODILESS.has(status) ? null : text, { status, statusText, headers: headersOfPlainBody(headers) });
}

async function textOf({ body }: Response): Promise<string> {
  if (!body) return '';
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early lets go of the connection.
  for await (const part of body) {
    length += part.length;
    if (length > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** What is no JSON is left to whoever reads it. */
function boundedJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, (name, value) => (name.length > MAX_NAME ? undefined : value)));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** Of a body that is neither packed nor measured any more. */
function headersOfPlainBody(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
  return kept;
}
