import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Middleware } from 'koa';
import type { ActiveFault, Faults } from './faultSwitches.ts';

const WEB_PAGE =
  '<!doctype html><html lang="en"><head><title>One moment</title></head><body>Checking your browser</body></html>';

/** Applies the active faults. Place it around everything that has an effect, and inside the request log. */
export function faultMiddleware(faults: Faults): Middleware {
  return async (ctx, next) => {
    const applied = faults.take(ctx.method, ctx.url);
    const before = applied.filter((fault) => phaseOf(fault) === 'before');
    const after = applied.filter((fault) => phaseOf(fault) === 'after');
    for (const fault of before) {
      if (fault.kind !== 'delay') {
        EFFECTS[fault.kind](ctx, fault);
        return;
      }
      await wait(fault);
    }
    // A client that has disconnected does not stop the work, as with the real servers.
    await next();
    for (const fault of after) {
      if (fault.kind === 'delay') await wait(fault);
      else EFFECTS[fault.kind](ctx, fault);
    }
  };
}

function phaseOf(fault: ActiveFault): 'before' | 'after' {
  return fault.when ?? (fault.kind === 'half' || fault.kind === 'status_after' ? 'after' : 'before');
}

async function wait(fault: ActiveFault): Promise<void> {
  await sleep(fault.delay_ms ?? 1000, undefined, { ref: false });
}

type FaultEffect = (ctx: Context, fault: ActiveFault) => void;

const JSON_TYPE = 'application/json';
const answerStatus: FaultEffect = (ctx, { status = 500, body }) =>
  reply(ctx, status, JSON_TYPE, body ?? errorBody(status));

/** How each fault changes the response. A fault that applies afterwards finds the real response in the context. */
const EFFECTS: Record<Exclude<ActiveFault['kind'], 'delay'>, FaultEffect> = {
  status: answerStatus,
  status_after: answerStatus,
  retry_after(ctx, { status = 429, body = '{"ok":false,"error":"ratelimited"}', retry_after = 1 }) {
    reply(ctx, status, JSON_TYPE, body);
    ctx.set('Retry-After', String(retry_after));
  },
  html200: (ctx, { body = WEB_PAGE }) => reply(ctx, 200, 'text/html', body),
  rubbish200: (ctx, { body = '{"result":[{"nothing":"of use"}]}' }) => reply(ctx, 200, JSON_TYPE, body),
  bad_json: (ctx, { body = '{"id":1,"subject":"cut he' }) => reply(ctx, 200, JSON_TYPE, body),
  redirect(ctx, { status = 302, body = '', location = '/login' }) {
    reply(ctx, status, 'text/html', body);
    ctx.set('Location', location);
  },
  huge(ctx, { bytes = 64_000_000 }) {
    reply(ctx, 200, JSON_TYPE, '');
    ctx.body = Readable.from(longMessage(bytes));
    ctx.type = JSON_TYPE;
  },
  hang(ctx) {
    ctx.respond = false;
  },
  reset(ctx) {
    ctx.respond = false;
    ctx.req.socket.resetAndDestroy();
  },
  half(ctx, { body }) {
    const whole = Buffer.from(body ?? textOf(ctx.body));
    const status = ctx.body === undefined ? 200 : ctx.status;
    ctx.respond = false;
    ctx.res.writeHead(status, { 'Content-Type': JSON_TYPE, 'Content-Length': whole.length });
    ctx.res.write(whole.subarray(0, Math.ceil(whole.length / 2)), () => ctx.res.destroy());
  },
};

function reply(ctx: Context, status: number, type: string, body: string): void {
  for (const name of ctx.res.getHeaderNames()) ctx.remove(name);
  ctx.status = status;
  ctx.type = type;
  ctx.body = body;
}

function errorBody(status: number): string {
  return JSON.stringify({ message: status === 401 ? 'Not Authorized' : 'Server Error' });
}

function* longMessage(bytes: number): Generator<string> {
  const filling = 'x'.repeat(65_536);
  yield '{"message":"';
  for (let sent = 0; sent < bytes; sent += filling.length) yield filling;
  yield '"}';
}

function textOf(answer: unknown): string {
  if (typeof answer === 'string') return answer;
  if (Buffer.isBuffer(answer)) return answer.toString('utf8');
  return JSON.stringify(answer ?? { message: 'this response is cut in the middle' });
}
