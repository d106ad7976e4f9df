import { NotUnderstood, type Reading, type Sender, type SenderRequest } from './sender.ts';
import { contentType, type Fields, formFields, isFields, textOf } from './shared/body.ts';
import { firstText, lines, lookUp, paragraphs } from './shared/values.ts';

/**
 * Gatus with a custom alert. It fills its placeholders in without escaping them, so that the JSON may be broken: then the
 * fields are found by their names. A resolution is never sent again.
 */
export const gatus: Sender = {
  name: 'gatus',
  title: 'Gatus',
  methods: ['get', 'post', 'put'],
  repeats: 'once',
  keepsIds: true,
  retriesOn429: false,
  accepted: () => ({ status: 200, body: { accepted: true } }),
  read: (request) => readFields(fieldsIn(request)),
  sample: (status, title) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        group: 'console',
        name: title,
        status: status === 'firing' ? 'TRIGGERED' : 'RESOLVED',
        severity: 'none',
      }),
    ),
  }),
  block: ({ url }) => `alerting:
  custom:
    url: "${url}"
    method: POST
    headers:
      Authorization: Bearer YOUR-TOKEN
      Content-Type: application/json
    body: |
      {"group":"[ENDPOINT_GROUP]","name":"[ENDPOINT_NAME]","url":"[ENDPOINT_URL]","status":"[ALERT_TRIGGERED_OR_RESOLVED]","description":"[ALERT_DESCRIPTION]","errors":"[RESULT_ERRORS]","conditions":"[RESULT_CONDITIONS]"}
    default-alert:
      send-on-resolved: true
`,
};

const NAMES = [
  'source',
  'group',
  'name',
  'url',
  'status',
  'description',
  'errors',
  'conditions',
  'severity',
  'surface',
];

function fieldsIn(request: SenderRequest): Fields {
  const query = formFields(request.query);
  const text = textOf(request).trim();
  if (text === '') return query;
  if (contentType(request) === 'application/x-www-form-urlencoded') return { ...query, ...formFields(text) };
  return { ...query, ...(parsedJson(text) ?? brokenJson(text)) };
}

function parsedJson(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    // Expected: the template does not escape the values.
    return null;
  }
}

/**
 * A value reaches to the next known name; what it contains is not trusted to be escaped. A name counts where a field can
 * begin, and once: the free texts come last, and what looks like a field in a condition is part of its text.
 */
function brokenJson(text: string): Fields {
  const name = new RegExp(`(?:^\\{|,)\\s*"(${NAMES.join('|')})"\\s*:\\s*"`, 'g');
  const found = new Set<string | undefined>();
  const starts = [...text.matchAll(name)].filter(({ 1: each }) => !found.has(each) && found.add(each));
  const fields = starts.map((match, n): [string, string] => {
    const from = match.index + match[0].length;
    const to = starts[n + 1]?.index ?? text.length;
    return [match[1] ?? '', withoutClosingQuote(text.slice(from, to)).replaceAll('\\"', '"')];
  });
  return Object.fromEntries(fields);
}

/** Step by step: one expression takes quadratic time if much white space follows a quote. */
function withoutClosingQuote(value: string): string {
  const end = value.trimEnd().replace(/[,}]$/, '').trimEnd();
  return end.endsWith('"') ? end.slice(0, -1) : value;
}

const WORDS: Record<string, 'firing' | 'resolved'> = {
  triggered: 'firing',
  firing: 'firing',
  resolved: 'resolved',
};

function readFields(fields: Fields): Reading {
  const name = firstText(fields.name);
  if (name === undefined) throw new NotUnderstood('There is no field "name" with the name of the endpoint.');
  const word = firstText(fields.status) ?? '';
  const status = lookUp(WORDS, word.toLowerCase());
  if (status === undefined) {
    throw new NotUnderstood(`The field "status" must be TRIGGERED or RESOLVED, not "${word.slice(0, 50)}".`);
  }
  const group = firstText(fields.group);
  const description = firstText(fields.description);
  const title = `${group === undefined ? '' : `${group}/`}${name}${description === undefined ? '' : `: ${description}`}`;
  const facts = { errors: firstText(fields.errors), conditions: firstText(fields.conditions) };
  return {
    alerts: [
      {
        identity: [group ?? '', name],
        status,
        severity: fields.severity,
        title,
        details: paragraphs(lines(facts)),
        url: firstText(fields.url),
        surface: fields.surface,
        labels: { ...(group === undefined ? {} : { group }), name },
      },
    ],
  };
}
