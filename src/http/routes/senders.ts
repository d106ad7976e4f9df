import { senderNamed } from '../../alerts/senders/registry.ts';
import type { Sender, SenderMethod, SenderRequest } from '../../alerts/senders/sender.ts';
import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx } from '../context.ts';
import { sharedDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint, type Reply } from '../endpoint.ts';
import { INTAKE_BODY_LIMIT, readRaw } from '../middleware/body.ts';
import * as answers from '../schemas/answers.ts';
import { sourceName } from '../schemas/fields.ts';
import { type FindSource, tokenInHeaders } from '../senderToken.ts';
import { OVER_QUOTA, type SourceQuota } from '../sourceQuota.ts';
import { withoutRoutingKey } from './routingKey.ts';
import { answersOf, bodyTypesOf, type Params, paramsOf, SUMMARY, tokenIn } from './senderDescription.ts';
import { headersOf, withoutPackedSecrets, withoutPacking } from './storedRequest.ts';

/** Less than the time after which senders give up: then they can still act on the answer. */
const DATABASE_DEADLINE_MS = 8_000;
const RETRY_AFTER_SECONDS = 10;
/** PagerDuty takes half of this. */
const EVENT_LIMIT = 1_048_576;
const TOO_MANY = { over_quota: OVER_QUOTA, too_many_waiting: 'Too many requests of this source wait. Try again.' };

interface Deps {
  services: Pick<ConsoleApi, 'storeRequest' | 'sourceKind' | 'refused'>;
  findSource: FindSource;
  quota: SourceQuota;
}

/** What follows the source in the address. */
type Rest = (params: Params, method: SenderMethod) => string;

interface Receiving {
  params: Params;
  reserveBody(bodyLimit: number, caller: string | null): Promise<(bytes: number) => void>;
  within: ReturnType<typeof sharedDeadline>;
}

interface Received extends Pick<SenderRequest, 'headers' | 'body'> {
  source: string;
}

/** The webhooks of senders. Each request is stored as it is, answered, and turned into alerts afterwards. */
export function senderRoutes({ services, findSource, quota }: Deps): Endpoint[] {
  const at = (method: SenderMethod, path: string, fixed?: { sender: string; rest?: Rest }) =>
    endpoint({
      method,
      path,
      access: 'anyone',
      summary: SUMMARY,
      params: paramsOf(path, method),
      raw: true,
      rawTypes: bodyTypesOf(fixed?.sender),
      token: tokenIn(path, method, fixed?.sender),
      reservesBody: true,
      answers: answersOf(method, fixed?.sender),
      async handle(ctx, { params, reserveBody }) {
        const sender = senderFor(ctx, fixed?.sender ?? params.sender ?? '');
        const within = sharedDeadline(DATABASE_DEADLINE_MS, 'The database');
        const rest = fixed?.rest?.(params, method) ?? '';
        const { source, ...sent } = await receive(ctx, sender, { params, reserveBody, within });
        await within(checkKind(source, sender));
        const request = { ...sent, method: ctx.method, rest, query: ctx.querystring };
        const id = await within(services.storeRequest({ ...request, source, sender: sender.name }));
        if (id === null) throw tooMany(ctx, sender, 'too_many_waiting');
        const answer = sender.accepted(request, id);
        return { kind: 'json', status: answer.status, json: answer.body } satisfies Reply;
      },
    });

  async function receive(ctx: Ctx, sender: Sender, { params, reserveBody, within }: Receiving): Promise<Received> {
    const given = { first: params.source, second: params.token, fallback: sender.name };
    const token = tokenInHeaders(ctx);
    // PagerDuty's token is in the body; of all others the body is read only for a valid token.
    const isInBody = sender.name === 'pagerduty' && token === undefined && params.token === undefined;
    const sourceOf = async (secret: string | undefined): Promise<string> => {
      const source = await within(findSource(ctx, { ...given, token: secret }));
      checkQuota(ctx, sender, source);
      return source;
    };
    const known = isInBody ? null : await sourceOf(token);
    const limit = isInBody ? EVENT_LIMIT : INTAKE_BODY_LIMIT;
    const headers = headersOf(ctx);
    if (ctx.method === 'GET') return { source: named(known), headers, body: Buffer.alloc(0) };
    const wasRead = await reserveBody(limit, known);
    const raw = await readRaw(ctx, limit);
    if (sender.name !== 'pagerduty') {
      const kept = withoutPackedSecrets({ headers, body: raw }, limit);
      wasRead(kept.body.length);
      return { source: named(known), ...kept };
    }
    const plain = withoutPacking({ headers, body: raw }, limit);
    wasRead(plain.body.length);
    const { body, key } = withoutRoutingKey(plain.body);
    return { ...plain, body, source: named(known ?? (await sourceOf(key))) };
  }

  function checkQuota(ctx: Ctx, sender: Sender, source: string): void {
    // What may send each alert once, and never again when it is refused, would lose it.
    if (sender.repeats !== 'interval' && !sender.retriesOn429) return;
    const waitSeconds = quota.take(source);
    if (waitSeconds === null) return;
    throw tooMany(ctx, sender, 'over_quota', waitSeconds);
  }

  function tooMany(ctx: Ctx, sender: Sender, kind: keyof typeof TOO_MANY, seconds = RETRY_AFTER_SECONDS): Problem {
    services.refused(kind, ctx.ip, ctx.state.source);
    ctx.set('Retry-After', String(seconds));
    return new Problem(sender.retriesOn429 ? 'too_many_requests' : 'busy', TOO_MANY[kind]);
  }

  async function checkKind(source: string, sender: Sender): Promise<void> {
    const kind = await services.sourceKind(source);
    if (kind === null || kind === sender.name) return;
    throw new Problem('forbidden', `The surfaces file declares ${source} as ${kind}, not ${sender.name}.`);
  }

  const everywhere = (['get', 'post', 'put'] as const).flatMap((method) =>
    PATHS.map((path) => at(method, `/api/webhooks/:sender${path}`)),
  );
  const opsgenie = { sender: 'opsgenie' };
  const ofOneAlert = (['post', 'put', 'patch', 'delete'] as const).flatMap((method) =>
    ALERT_PATHS.map((path) => at(method, path, { ...opsgenie, rest: restOfAlert })),
  );
  return [
    // Before the others, whose patterns match these too.
    ...HANDSHAKES.map((path) => handshake(path)),
    at('post', OPSGENIE_PATH, { ...opsgenie, rest: () => 'v2/alerts' }),
    ...ofOneAlert,
    ...everywhere,
    at('post', '/v2/enqueue', { sender: 'pagerduty' }),
  ];
}

const OPSGENIE_PATH = '/api/webhooks/opsgenie/:source/v2/alerts';
const ALERT_PATHS = ['', '/:action', '/:action/:item'].map((path) => `${OPSGENIE_PATH}/:identifier${path}`);

/**
 * A deletion is stored as an action, and without the item of an action, which says nothing about the alert: so the address
 * always has the form that all releases read.
 */
const restOfAlert: Rest = ({ identifier = '', action }, method) => {
  const what = action ?? (method === 'delete' ? 'delete' : '');
  return `v2/alerts/${encodeURIComponent(identifier)}/${encodeURIComponent(what)}`;
};

const PATHS = ['', '/:source', '/:source/:token'];
const HANDSHAKES = PATHS.map((path) => `/api/webhooks/cloudevents${path}`);

function named(source: string | null): string {
  if (source === null || !sourceName.safeParse(source).success) {
    throw new Problem('not_found', 'There is no such source.');
  }
  return source;
}

function senderFor(ctx: Ctx, name: string): Sender {
  const sender = senderNamed(name);
  if (!sender) throw new Problem('not_found', 'There is no such sender.');
  const method = ctx.method.toLowerCase();
  // A HEAD, as link checkers send it, says nothing about an alert.
  if (!sender.methods.some((each) => each === method)) {
    throw new Problem('method_not_allowed', `${sender.title} sends ${sender.methods.join(' or ').toUpperCase()}.`);
  }
  return sender;
}

/** CloudEvents asks first whether it may send. Whoever has a token may, at any rate. */
const handshake = (path: string): Endpoint =>
  endpoint({
    method: 'options',
    path,
    access: 'anyone',
    summary: 'Answers the handshake of CloudEvents webhooks.',
    params: paramsOf(path, 'options'),
    answers: { 200: { description: 'The origin may send events.', schema: answers.nothing } },
    handle(ctx) {
      const origin = ctx.get('webhook-request-origin');
      ctx.set('Allow', 'POST');
      if (origin !== '') ctx.set('WebHook-Allowed-Origin', origin);
      if (ctx.get('webhook-request-rate') !== '') ctx.set('WebHook-Allowed-Rate', '*');
      return { kind: 'json', json: {} };
    },
  });
