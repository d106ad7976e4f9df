import { accepted, NotUnderstood, type Reading, type Sender, type SenderRequest, type SentAlert } from './sender.ts';
import { contentType, type Fields, fieldsOf, isFields, parsed, textOf } from './shared/body.ts';
import { readEach } from './shared/readEach.ts';
import { firstText, lines, lookUp, paragraphs } from './shared/values.ts';

/** CloudEvents 1.0: structured, in a batch, or binary with the attributes in headers. */
export const cloudevents: Sender = {
  name: 'cloudevents',
  title: 'CloudEvents 1.0',
  methods: ['post'],
  repeats: 'once',
  keepsIds: true,
  retriesOn429: true,
  accepted,
  read: (request): Reading => readEach(eventsIn(request), readEvent),
  sample: (status, title) => ({
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id: status,
        source: '/console',
        type: 'console.test',
        subject: 'console-test',
        data: { status, title, severity: 'none' },
      }),
    ),
  }),
  block: ({ url }) => `curl ${url} \\
  -H 'Authorization: Bearer YOUR-TOKEN' \\
  -H 'Content-Type: application/cloudevents+json' \\
  -d '{"specversion":"1.0","id":"1","source":"/shop","type":"com.example.queue","subject":"orders","data":{"status":"firing","severity":"critical","title":"The queue of orders is full"}}'
`,
};

function eventsIn(request: SenderRequest): unknown[] {
  const type = contentType(request);
  // The content type decides: a gateway may add the headers of a binary event to a structured one.
  const isStructured = type.startsWith('application/cloudevents');
  if (!isStructured && request.headers['ce-specversion'] !== undefined) return [binary(request, type)];
  const value = parsed(textOf(request));
  return Array.isArray(value) ? value : [value];
}

/** Header values are percent-encoded. */
function binary(request: SenderRequest, type: string): Fields {
  const attributes = Object.entries(request.headers).flatMap(([name, value]) =>
    name.startsWith('ce-') ? [[name.slice(3), decoded(value)] as const] : [],
  );
  const text = textOf(request);
  const isJson = type === '' || /[/+]json$/.test(type);
  return { ...Object.fromEntries(attributes), data: isJson && text.trim() !== '' ? parsed(text) : text };
}

/** `up` and `down` after a hyphen may be half of a word, such as slow-down. */
const ENDED = /(?:[._-](?:resolved|recovered|closed|cleared|ok)|\.up)$/i;
const BEGAN =
  /(?:[._-](?:firing|triggered|open|opened|created|raised|started|detected|alerting|degraded|failed)|\.down)$/i;
const STATUS_WORDS: Record<string, SentAlert['status']> = Object.fromEntries([
  ...words('resolved', 'resolved recovered closed cleared ok up healthy resolve close'),
  ...words(
    'firing',
    'firing fire triggered trigger alerting open opened active down failed failing degraded unhealthy',
  ),
]);

function words(status: SentAlert['status'], all: string): [string, SentAlert['status']][] {
  return all.split(' ').map((word) => [word, status]);
}

function readEvent(event: unknown, n: number): SentAlert {
  if (!isFields(event) || firstText(event.specversion) === undefined) {
    throw new NotUnderstood(`Event ${n + 1} has no "specversion", and there is no header ce-specversion.`);
  }
  const [source, type] = [firstText(event.source), firstText(event.type)];
  if (source === undefined || type === undefined) throw new NotUnderstood('An event has no "source" or no "type".');
  const data = dataOf(event);
  // The last part of a type may say what happened; then it is no part of the identity.
  const subject = firstText(event.subject) ?? type.replace(ENDED, '').replace(BEGAN, '');
  return {
    identity: [source, subject],
    status: statusIn(data.status) ?? statusIn(data.state) ?? (ENDED.test(type) ? 'resolved' : 'firing'),
    severity: data.severity ?? data.priority ?? event.severity,
    title: firstText(data.title, data.summary, data.message, event.subject, type),
    details: paragraphs(firstText(data.description, data.details), lines(rest(data))),
    url: firstText(data.url, data.link),
    at: event.time,
    surface: data.surface_id,
    labels: {
      ...fieldsOf(data.labels),
      type,
      source,
      ...(data.surface === undefined ? {} : { surface: data.surface }),
    },
  };
}

/** Undefined for any other word, such as a status code: then the type of the event decides. */
const statusIn = (sent: unknown): SentAlert['status'] | undefined =>
  lookUp(STATUS_WORDS, firstText(sent)?.toLowerCase() ?? '');

/** JSON may also come as a text, or in base64 from a sender that takes it for binary data. */
function dataOf({ data, data_base64: packed }: Fields): Fields {
  const sent = data === undefined && typeof packed === 'string' ? Buffer.from(packed, 'base64').toString() : data;
  if (typeof sent !== 'string') return fieldsOf(sent);
  try {
    return fieldsOf(JSON.parse(sent));
  } catch {
    // Any other text says nothing that is read here.
    return {};
  }
}

const READ = new Set(
  'status state severity priority title summary message description details url link labels surface surface_id'.split(
    ' ',
  ),
);
const rest = (data: Fields): Fields => Object.fromEntries(Object.entries(data).filter(([name]) => !READ.has(name)));

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // A sender that does not encode may send a bare percent sign.
    return value;
  }
}
