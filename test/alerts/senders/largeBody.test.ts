import { expect, it } from 'vitest';
import { readRequest } from '../../../src/alerts/senders/readRequest.ts';
import { senderNamed } from '../../../src/alerts/senders/registry.ts';
import { NotUnderstood, type Sender } from '../../../src/alerts/senders/sender.ts';

const NOTHING = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
const MIB = 1_048_576;

const read = (name: string, type: string, body: string) =>
  readRequest(
    senderNamed(name) as Sender,
    { method: 'POST', rest: '', query: '', headers: { 'content-type': type }, body: Buffer.from(body) },
    NOTHING,
  );

// A parser that takes quadratic time needs many minutes for one of these.
it('a multipart body of 8 MB that repeats the name of a header is read in linear time', async () => {
  const noise = 'content-disposition: '.repeat((8 * MIB) / 21);
  const form = [
    `--b\r\n${noise}\r\n\r\nx`,
    '--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="alert_id"\r\n\r\ndisk',
    '--b\r\ncontent-disposition: form-data; filename="f"; name="status"\r\n\r\nfiring\r\n--b--',
  ].join('\r\n');
  const { alerts } = await read('generic', 'multipart/form-data; boundary=b', form);
  expect(alerts).toMatchObject([{ status: 'firing' }]);
});

it('a broken JSON body with 8 MB of white space behind a quote is read in linear time', async () => {
  const gap = ' '.repeat(4 * MIB);
  const body = `{"name":"a "quoted" name"${gap}, "status":"TRIGGERED","description":"x"${gap}y`;
  const { alerts } = await read('gatus', 'application/json', body);
  expect(alerts).toMatchObject([{ status: 'firing', labels: { name: 'a "quoted" name' } }]);
});

it.each([
  ['gatus', '"name"'.repeat(MIB)],
  ['gatus', '"name":'.repeat(MIB)],
  ['cloudevents', JSON.stringify({ specversion: '1.0', source: 's', type: '.'.repeat(8 * MIB) })],
  ['grafana', JSON.stringify({ alerts: [{ labels: { ['_'.repeat(4 * MIB)]: 'x' } }] })],
])('%s: a repeated text of 8 MB is read in linear time', async (name, body) => {
  const result = await read(name, 'application/json', body).catch((error: unknown) => error);
  if (result instanceof Error) expect(result).toBeInstanceOf(NotUnderstood);
});

const field = (n: number) => `--b\r\nContent-Disposition: form-data; name="field-${n}"\r\n\r\nx\r\n`;
const numbered = (many: number, text: (n: number) => string) =>
  Array.from({ length: many }, (_, n) => text(n)).join('');

it.each([
  ['application/x-www-form-urlencoded', 'alert_id=disk&status=firing', (n: number) => `&field-${n}=x`],
  [
    'multipart/form-data; boundary=b',
    ['alert_id', 'status']
      .map((name) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nfiring\r\n`)
      .join(''),
    field,
  ],
])('a body of the type %s is read up to 1,000 fields', async (type, alert, more) => {
  const end = type.startsWith('multipart') ? '--b--' : '';
  const sent = (fields: number) => read('generic', type, `${alert}${numbered(fields - 2, more)}${end}`);
  expect((await sent(1_000)).alerts).toMatchObject([{ status: 'firing' }]);
  await expect(sent(1_001)).rejects.toThrow('The form has more than 1000 fields.');
});
