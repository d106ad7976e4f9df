import { evaluateMapping } from './mapping/evaluate.ts';
import { accepted, NotUnderstood, type Sender, type SenderRequest, type SentAlert } from './sender.ts';
import { contentType, type Fields, formFields, isFields, multipartFields, parsed, textOf } from './shared/body.ts';
import { readEach } from './shared/readEach.ts';
import { firstText } from './shared/values.ts';

/** Any JSON or form, by a JSONata expression of the source; without one, the body is an alert of our own API. */
export const generic: Sender = {
  name: 'generic',
  title: 'Any other sender',
  methods: ['get', 'post', 'put'],
  repeats: 'unknown',
  keepsIds: false,
  retriesOn429: false,
  accepted,
  async read(request, { mapping }) {
    const body = bodyOf(request);
    const mapped = mapping === null ? ownFormat(body) : await evaluate(mapping, body, request);
    return readEach(listOf(mapped), readMapped);
  },
  sample: () => null,
  block: ({ url, source }) => `sources:
  - id: ${source}
    kind: generic
    token_env: ${source.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TOKEN
    mapping: |
      {
        "alert_id": check.id,
        "status": check.ok ? "resolved" : "firing",
        "severity": check.level,
        "title": check.name & " failed",
        "labels": tags
      }

# Then let the sender post to ${url}
# with the header "Authorization: Bearer YOUR-TOKEN".
`,
};

/** The expression sees the body as its input, and `$query` and `$headers`. */
const evaluate = (mapping: string, body: unknown, { query, headers }: SenderRequest) =>
  evaluateMapping({ mapping, body, bindings: { query: formFields(query), headers } });

function bodyOf(request: SenderRequest): unknown {
  const type = contentType(request);
  if (type === 'application/x-www-form-urlencoded') return formFields(textOf(request));
  if (type === 'multipart/form-data') return multipartFields(request);
  const text = textOf(request);
  return text.trim() === '' ? formFields(request.query) : parsed(text);
}

const ownFormat = (body: unknown): unknown => (isFields(body) && Array.isArray(body.alerts) ? body.alerts : body);

function listOf(mapped: unknown): unknown[] {
  if (Array.isArray(mapped)) return [...mapped];
  return mapped === undefined || mapped === null ? [] : [mapped];
}

function readMapped(mapped: unknown): SentAlert {
  if (!isFields(mapped)) throw new NotUnderstood('The mapping must give an object, or a list of objects.');
  const id = firstText(mapped.alert_id);
  if (id === undefined) throw new NotUnderstood('The mapping gives no "alert_id".');
  const status = firstText(mapped.status)?.toLowerCase();
  if (status !== 'firing' && status !== 'resolved') {
    throw new NotUnderstood('The mapping must give "firing" or "resolved" as "status".');
  }
  const labels: Fields = isFields(mapped.labels) ? mapped.labels : {};
  return {
    identity: [id],
    status,
    severity: mapped.severity,
    title: mapped.title,
    details: mapped.details,
    url: mapped.url,
    startsAt: mapped.starts_at,
    endsAt: mapped.ends_at,
    at: mapped.at,
    surface: mapped.surface_id,
    labels,
  };
}
