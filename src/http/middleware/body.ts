import { bodyParser } from '@koa/bodyparser';
import { Problem } from '../../lib/problem.ts';
import type { Ctx } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import { dropEmptyValues, parseInput } from '../input.ts';
import { isForm } from '../negotiate.ts';
import { noFields } from '../schemas/inputs.ts';

/** In bytes. */
const BODY_LIMIT = 1_048_576;

/** The form field of the CSRF token. */
export const TOKEN_FIELD = '_csrf';

export interface Body {
  value: unknown;
  /** Only forms have one. */
  csrfToken: string | undefined;
}

/** Reads and checks the body. A route without a body schema accepts no body, `{}` or an empty form. */
export async function readBody(ctx: Ctx, { body, form }: Pick<Endpoint, 'body' | 'form'>): Promise<Body> {
  if (!hasBody(ctx)) {
    if (body) throw notJson();
    return { value: parseInput(form ?? noFields, {}, 'body'), csrfToken: undefined };
  }
  if (isForm(ctx)) {
    if (!form) throw notJson();
    const { [TOKEN_FIELD]: token, ...fields } = await parse(ctx);
    return {
      value: parseInput(form, dropEmptyValues(fields), 'body'),
      csrfToken: typeof token === 'string' ? token : '',
    };
  }
  if (!ctx.is('application/json')) throw notJson();
  const parsed = await parse(ctx);
  if (body) return { value: parseInput(body, parsed, 'body'), csrfToken: undefined };
  parseInput(noFields, parsed, 'body');
  return { value: parseInput(form ?? noFields, {}, 'body'), csrfToken: undefined };
}

/** The body as raw bytes, to verify a signature over them. */
export async function readRaw(ctx: Ctx): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // A destroyed request could no longer be answered.
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const parser = bodyParser({
  parsedMethods: ['POST', 'DELETE'],
  jsonLimit: BODY_LIMIT,
  formLimit: BODY_LIMIT,
  onError(error) {
    throw unreadable(error);
  },
});

/** Translates an error of the parser, which carries the status it means. */
function unreadable(cause: Error): Problem {
  const status = 'status' in cause ? cause.status : undefined;
  if (status === 413) return tooLarge();
  if (status === 415) {
    return new Problem('unsupported_media_type', 'This content encoding is not supported.', { cause });
  }
  if (cause instanceof SyntaxError) return new Problem('invalid_json', 'The body is not valid JSON.', { cause });
  return new Problem('bad_request', 'The body could not be read.', { cause });
}

const tooLarge = () => new Problem('body_too_large', 'The body is larger than 1 MiB.');

async function parse(ctx: Ctx): Promise<Record<string, unknown>> {
  await parser(ctx, async () => {});
  return (ctx.request as { body?: Record<string, unknown> }).body ?? {};
}

const hasBody = (ctx: Ctx) => ctx.get('transfer-encoding') !== '' || Number(ctx.get('content-length') || 0) > 0;

const notJson = () => new Problem('unsupported_media_type', 'The body must be JSON, sent as application/json.');
