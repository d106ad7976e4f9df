import { NotUnderstood, type Reading, type Sender, type SenderRequest, type SentAlert } from './sender.ts';
import { type Fields, fieldsOf, formFields, isFields, jsonObject } from './shared/body.ts';
import { firstText, lines, lookUp, paragraphs } from './shared/values.ts';

/**
 * The Alert API of Opsgenie, whose clients retry on 429 and 5xx, and the webhook that Opsgenie itself sends. A client that
 * is told of an unknown method, such as Alertmanager, gives up and never closes the alert.
 */
export const opsgenie: Sender = {
  name: 'opsgenie',
  title: 'Opsgenie',
  methods: ['post', 'put', 'patch', 'delete'],
  repeats: 'once',
  clientsMayRepeat: true,
  keepsIds: true,
  retriesOn429: true,
  accepted: (_request, id) => ({
    status: 202,
    body: { result: 'Request will be processed', took: 0, requestId: id },
  }),
  read(request) {
    const [, identifier, action = ''] = /^v2\/alerts\/([^/]+)(?:\/([^/]*))?/.exec(request.rest) ?? [];
    if (identifier !== undefined) return readAction(aliasIn(identifier), action, request);
    const body = jsonObject(request);
    if (isFields(body.alert)) return readWebhook(firstText(body.action) ?? '', body.alert);
    return { alerts: [readCreation(body)] };
  },
  sample: (status, title) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        action: status === 'firing' ? 'Create' : 'Close',
        alert: { alias: 'console-test', message: title, priority: 'none' },
      }),
    ),
  }),
  block: ({ url }) => `api_url: ${url}/
api_key: YOUR-TOKEN
`,
};

/** Opsgenie's default is P3, and it has five priorities. */
const PRIORITIES: Record<string, string> = { p1: 'P1', p2: 'P2', p3: 'P3', p4: 'P3', p5: 'none' };

function readCreation(alert: Fields): SentAlert {
  const message = firstText(alert.message);
  const identity = firstText(alert.alias);
  if (message === undefined && identity === undefined) {
    throw new NotUnderstood('There is neither "message" nor "alias".');
  }
  const priority = firstText(alert.priority) ?? 'P3';
  const details = fieldsOf(alert.details);
  const tags = Array.isArray(alert.tags) ? alert.tags.map((tag) => firstText(tag)).filter(Boolean) : [];
  return {
    identity: identity === undefined ? [message, firstText(alert.entity) ?? ''] : [identity],
    status: 'firing',
    severity: lookUp(PRIORITIES, priority.toLowerCase()) ?? priority,
    title: message ?? identity,
    details: paragraphs(firstText(alert.description), firstText(alert.note), lines(details)),
    labels: {
      entity: alert.entity,
      source: alert.source,
      surface: details.surface,
      ...(tags.length === 0 ? {} : { tags: tags.join(', ') }),
    },
  };
}

/** Ids that Opsgenie gave are not known here, and an alias is the only identity that a client chooses. */
function readAction(alias: string, action: string, { query }: SenderRequest): Reading {
  const type = formFields(query).identifierType ?? 'id';
  if (type !== 'alias') throw new NotUnderstood(`identifierType must be alias, not ${type.slice(0, 50)}.`);
  if (action === '') throw new NotUnderstood('The address names an alert, but nothing that happened to it.');
  return readNews(action, [alias]);
}

function readWebhook(action: string, alert: Fields): Reading {
  const creation = readCreation(alert);
  if (/^create$/i.test(action)) return { alerts: [creation] };
  const isUpdate = /^update(priority|message|description)$/i.test(action) && !isRenamed(action, alert);
  // Opsgenie also reports changes of an alert that is closed, and nothing would close it again.
  return isUpdate ? { alerts: [{ ...creation, onlyIfActive: true }] } : readNews(action, creation.identity);
}

/** Without an alias the message is part of the identity, so that a new one would be another alert. */
const isRenamed = (action: string, alert: Fields): boolean =>
  /^updatemessage$/i.test(action) && firstText(alert.alias) === undefined;

function readNews(action: string, identity: readonly unknown[]): Reading {
  if (/^(close|delete)$/i.test(action)) return { alerts: [{ identity, status: 'resolved' }] };
  if (/^acknowledge$/i.test(action)) return { alerts: [], notices: [{ kind: 'acknowledged', identity }] };
  // Notes, tags and assignments change nothing about the alert. A new priority or message comes without the other facts:
  // read as an alert, it would replace them, lift what suppresses the alert, and open one that is closed.
  return { alerts: [] };
}

/** Trimmed, as the alias of a new alert is. */
function aliasIn(segment: string): string {
  try {
    const alias = firstText(decodeURIComponent(segment));
    if (alias !== undefined) return alias;
  } catch {
    throw new NotUnderstood('The alias in the address is not encoded correctly.');
  }
  throw new NotUnderstood('The alias in the address is empty.');
}
