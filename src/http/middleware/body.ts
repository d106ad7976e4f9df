import { bodyParser } from '@koa/bodyparser';
import { Problem } from '../../lib/problem.ts';
import type { Ctx } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import { checked, withoutEmpty } from '../input.ts';
import { isForm } from '../negotiate.ts';
import { noFields } from '../schemas/inputs.ts';

/** The largest body we read, in bytes. */
const BODY_LIMIT = 1_048_576;

/** The name under which our forms send their CSRF token. */
export const TOKEN_FIELD = '_csrf';

export interface Body {
  value: unknown;
  /** Only forms carry one. */
  csrfToken: string | undefined;
}

/** Reads and checks the body as the endpoint describes it. A route that takes none accepts none, `{}` or an empty form. */
export async function readBody(ctx: Ctx, { body, form }: Pick<Endpoint, 'body' | 'form'>): Promise<Body> {
  if (!hasBody(ctx)) {
    if (body) throw notJson();
    return { value: checked(form ?? noFields, {}, 'body'), csrfToken: undefined };
  }
  if (isForm(ctx)) {
    if (!form) throw notJson();
    const { [TOKEN_FIELD]: token, ...fields } = await parse(ctx);
    return {
      value: checked(form, withoutEmpty(fields), 'body'),
      csrfToken: typeof token === 'string' ? token : '',
    };
  }
  if (!ctx.is('application/json')) throw notJson();
  const parsed = await parse(ctx);
  if (body) return { value: checked(body, parsed, 'body'), csrfToken: undefined };
  checked(noFields, parsed, 'body');
  return { value: checked(form ?? noFields, {}, 'body'), csrfToken: undefined };
}

/** The bytes of the body as they came, for signatures over them. */
export async function readRaw(ctx: Ctx): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroyed, it could no longer be answered.
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

/** What the parser says of a body that it cannot read; it marks its errors with the status they mean. */
function unreadable(cause: Error): Problem {
  const status = 'status' in cause ? cause.status : undefined;
  if (status === 413) return tooLarge();
  if (status === 415) {
    return new Problem('unsupported_media_type', 'The body is in an encoding that is not read here.', { cause });
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
