import type { IncomingMessage } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import { Problem } from '../../lib/problem.ts';
import type { Ctx } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import { dropEmptyValues, parseInput } from '../input.ts';
import { isForm } from '../negotiate.ts';
import { noFields } from '../schemas/inputs.ts';

const MIB = 1_048_576;
/** In bytes, for routes that set none. */
export const BODY_LIMIT = MIB;
/** For routes that take alerts: thousands of them in one request. */
export const INTAKE_BODY_LIMIT = 8 * MIB;

/** The form field of the CSRF token. */
export const TOKEN_FIELD = '_csrf';

export interface Body {
  value: unknown;
  /** Only forms have one. */
  csrfToken: string | undefined;
}

type Reads = Pick<Endpoint, 'body' | 'form' | 'bodyLimit'>;

/** Reads and checks the body. A route without a body schema accepts no body, `{}` or an empty form. */
export async function readBody(ctx: Ctx, { body, form, bodyLimit = BODY_LIMIT }: Reads): Promise<Body> {
  if (!hasBody(ctx)) {
    if (body) throw notJson();
    return { value: parseInput(form ?? noFields, {}, 'body'), csrfToken: undefined };
  }
  if (isForm(ctx)) {
    if (!form) throw notJson();
    const { [TOKEN_FIELD]: token, ...fields } = await parse(ctx, bodyLimit);
    // As curl sends JSON when nobody names its type.
    if (/^\s*[{[]/.test((ctx.request as { rawBody?: string }).rawBody ?? '')) throw notJson();
    return {
      value: parseInput(form, dropEmptyValues(fields), 'body'),
      csrfToken: typeof token === 'string' ? token : '',
    };
  }
  if (!ctx.is('application/json')) throw notJson();
  const parsed = await parse(ctx, bodyLimit);
  if (body) return { value: parseInput(body, parsed, 'body'), csrfToken: undefined };
  parseInput(noFields, parsed, 'body');
  return { value: parseInput(form ?? noFields, {}, 'body'), csrfToken: undefined };
}

/** Bytes of the text from which the body was parsed; null if none was parsed. */
export function parsedLength({ request }: Ctx): number | null {
  const { rawBody } = request as { rawBody?: unknown };
  return typeof rawBody === 'string' ? Buffer.byteLength(rawBody) : null;
}

/** The body as raw bytes, to verify a signature over them. */
export async function readRaw(ctx: Ctx, limit = BODY_LIMIT): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A destroyed request could no longer be answered.
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const parserFor = (limit: number): Parser =>
  bodyParser({
    parsedMethods: ['POST', 'DELETE'],
    jsonLimit: limit,
    formLimit: limit,
    onError(error, ctx) {
      const alerts = limit === INTAKE_BODY_LIMIT ? withoutPrototypes(error) : undefined;
      if (alerts !== undefined) {
        (ctx.request as { body?: unknown }).body = alerts;
        return;
      }
      const problem = unreadable(error, limit);
      if (problem.code !== 'body_too_large') discardRest(ctx.req);
      throw problem;
    },
  });

/**
 * The parser refuses any body in which an object names its prototype. One label of one alert must not take the other
 * alerts with it: there such names are left out. Undefined where the body is wrong otherwise too.
 */
function withoutPrototypes(error: Error): unknown {
  const text: unknown = 'body' in error ? error.body : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(text, (name, value: unknown) => (name === '__proto__' ? undefined : value));
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    // It is not JSON, which the error of the parser says already.
    return undefined;
  }
}

/**
 * Reads what is left of a body of which a part was read. Node.js does so only where nothing was read. Otherwise the next
 * request on the connection, which behind a proxy may be that of somebody else, would wait until it times out.
 */
function discardRest(request: IncomingMessage): void {
  request.unpipe();
  request.resume();
}

type Parser = ReturnType<typeof bodyParser>;
const parsers = new Map<number, Parser>([BODY_LIMIT, INTAKE_BODY_LIMIT].map((limit) => [limit, parserFor(limit)]));

/** Translates an error of the parser, which carries the status it means. */
function unreadable(cause: Error, limit: number): Problem {
  const status = 'status' in cause ? cause.status : undefined;
  if (status === 413) return tooLarge(limit);
  if (status === 415) {
    return new Problem('unsupported_media_type', 'This content encoding is not supported.', { cause });
  }
  if (cause instanceof SyntaxError) return new Problem('invalid_json', 'The body is not valid JSON.', { cause });
  return new Problem('bad_request', 'The body could not be read.', { cause });
}

const tooLarge = (limit: number) => new Problem('body_too_large', `The body is larger than ${limit / MIB} MiB.`);

async function parse(ctx: Ctx, limit: number): Promise<Record<string, unknown>> {
  const parser = parsers.get(limit) ?? parserFor(limit);
  await parser(ctx, async () => {});
  return (ctx.request as { body?: Record<string, unknown> }).body ?? {};
}

const hasBody = (ctx: Ctx) => ctx.get('transfer-encoding') !== '' || Number(ctx.get('content-length') || 0) > 0;

const notJson = () => new Problem('unsupported_media_type', 'The body must be JSON, sent as application/json.');
