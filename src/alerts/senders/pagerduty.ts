import { createHash } from 'node:crypto';
import { NotUnderstood, type Reading, type Sender, type SenderRequest } from './sender.ts';
import { type Fields, fieldsOf, isFields, jsonObject, textOf } from './shared/body.ts';
import { firstText, lines, paragraphs } from './shared/values.ts';

/** PagerDuty Events API v2: any of its clients may send here instead. They retry on 429 and 5xx. */
export const pagerduty: Sender = {
  name: 'pagerduty',
  title: 'PagerDuty Events v2',
  methods: ['post'],
  repeats: 'once',
  clientsMayRepeat: true,
  keepsIds: true,
  retriesOn429: true,
  accepted(request) {
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: dedupKey(request) } };
  },
  read(request) {
    const event = jsonObject(request);
    const identity = [dedupKey(request)];
    switch (firstText(event.event_action)?.toLowerCase()) {
      case 'trigger':
        return { alerts: [readTrigger(event, identity)] };
      case 'resolve':
        return { alerts: [{ identity, status: 'resolved' }] };
      case 'acknowledge':
        return { alerts: [], notices: [{ kind: 'acknowledged', identity }] };
      default:
        throw new NotUnderstood('"event_action" must be trigger, acknowledge or resolve.');
    }
  },
  keptOnEdit: (request) => ({ [FIRST_KEY]: request.headers[FIRST_KEY] ?? dedupKey(request) }),
  sample: (status, title) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        event_action: status === 'firing' ? 'trigger' : 'resolve',
        dedup_key: 'console-test',
        payload: { summary: title, source: 'console', severity: 'info' },
      }),
    ),
  }),
  block: ({ url }) => `Events API address   ${new URL('/v2/enqueue', url).href}
Routing key          YOUR-TOKEN
`,
};

/** A header that no sender can set, since only those about the body are stored. */
const FIRST_KEY = 'x-first-dedup-key';

/** Links and pictures belong to the whole event. */
function readTrigger(event: Fields, identity: readonly unknown[]): Reading['alerts'][number] {
  const payload = fieldsOf(event.payload);
  const links = (Array.isArray(event.links) ? event.links : []).filter(isFields);
  const { source, component, group, class: kind } = payload;
  return {
    identity,
    status: 'firing',
    severity: payload.severity,
    title: firstText(payload.summary),
    details: paragraphs(lines(fieldsOf(payload.custom_details)), firstText(payload.custom_details)),
    url: firstText(event.client_url),
    startsAt: payload.timestamp,
    labels: {
      source,
      component,
      group,
      class: kind,
      client: event.client,
      surface: fieldsOf(payload.custom_details).surface,
    },
    links: Object.fromEntries(links.map(({ href, text }, n) => [firstText(text) ?? `link ${n + 1}`, href])),
  };
}

/**
 * The key of the event. Without one it is derived from the event itself, so that a client that never saw our answer and
 * repeats the request gets the same key. An event that a person has corrected keeps the key that its client was answered.
 */
function dedupKey(request: SenderRequest): string {
  const given = keyIn(request) ?? request.headers[FIRST_KEY];
  return given ?? createHash('sha256').update(request.body).digest('hex').slice(0, 32);
}

function keyIn(request: SenderRequest): string | undefined {
  try {
    return firstText(fieldsOf(JSON.parse(textOf(request))).dedup_key);
  } catch {
    // The answer to a body that is no JSON has a key too; the body becomes a dead letter.
    return undefined;
  }
}
