import { expect, it } from 'vitest';
import { readEmission } from '../../../src/alerts/intake/readEmission.ts';
import { alertmanager } from '../../../src/alerts/senders/alertmanager.ts';
import { readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { isTitleTemplate } from '../../../src/alerts/senders/titleTemplate.ts';

const LABELS = {
  alertname: 'DiskFull',
  instance: 'db-1',
  surface: 'web',
  empty: ' ',
  template: '{{labels.instance}}',
  script: '<script>alert(1)</script>',
  long: '🔥'.repeat(1_000),
};

async function alertWith(settings: { title?: string }, labels: Record<string, unknown> = LABELS) {
  const links = { runbook_url: 'https://runbooks.example.com/disk', dashboard: 'https://grafana.example.com/d/1' };
  const alert = { status: 'firing', fingerprint: 'f', labels, annotations: { summary: 'Disk is full', ...links } };
  const request = {
    method: 'POST',
    rest: '',
    query: '',
    headers: {},
    body: Buffer.from(JSON.stringify({ alerts: [alert] })),
  };
  const all = { severity: {}, surfaceLabel: 'surface', surfaces: { web: 'shop' }, mapping: null, ...settings };
  const read = readEmission((await readRequest(alertmanager, request, all)).alerts[0]);
  if ('rejected' in read) throw new Error(read.rejected.message);
  return read.alert;
}

it.each([
  ['the title of the alert without a template', undefined, 'Disk is full'],
  [
    'labels, the surface and the alert’s own title',
    '{{ labels.instance }} ({{surface}}): {{title}}',
    'db-1 (shop): Disk is full',
  ],
  ['the alert’s own title where a label is missing', '{{labels.region}}: {{title}}', 'Disk is full'],
  ['the alert’s own title where a label is empty', '{{labels.empty}}: {{title}}', 'Disk is full'],
  ['the alert’s own title for the names of inherited properties', '{{labels.constructor}}!', 'Disk is full'],
  ['the text of a label that looks like a template', '{{labels.template}}', '{{labels.instance}}'],
  ['markup as text, which the ticket escapes', '{{labels.script}}', '<script>alert(1)</script>'],
])('a title has %s', async (_what, title, expected) => {
  expect((await alertWith(title === undefined ? {} : { title })).title).toBe(expected);
});

it('a value in a title is cut to 200 characters, and the title to 500', async () => {
  const { title } = await alertWith({ title: '{{labels.long}}' });
  expect([...title]).toHaveLength(200);
  expect([...(await alertWith({ title: '{{labels.long}}'.repeat(6) })).title]).toHaveLength(500);
});

it.each([
  ['{{title}}', true],
  ['Alert of {{labels.a b-c}}', true],
  ['no place at all', true],
  ['{{title', false],
  ['title}}', false],
  ['{{}}', false],
  ['{{labels.}}', false],
  ['{{details}}', false],
  ['{{title}} {{ {{surface}} }}', false],
])('%s as a template is checked with the file', (template, isUsable) => {
  expect(isTitleTemplate(template)).toBe(isUsable);
});

it('the links of an alert are kept where it has more labels than are kept', async () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`a${n}`, 'x']));
  const { labels = {} } = await alertWith({}, many);
  expect(Object.keys(labels)).toHaveLength(64);
  expect(labels).toMatchObject({
    runbook: 'https://runbooks.example.com/disk',
    dashboard: 'https://grafana.example.com/d/1',
  });
});
