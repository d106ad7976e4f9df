import { expect, it } from 'vitest';
import { generic } from '../../../src/alerts/senders/generic.ts';
import { readRequest } from '../../../src/alerts/senders/readRequest.ts';

const SETTINGS = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
const alert = JSON.stringify({ alert_id: 'a', status: 'firing', title: 'Größe' });
const latin = Buffer.from(alert, 'latin1');

it.each<[charset: string, body: Buffer]>([
  ['; charset=utf-8', Buffer.from(alert)],
  ['', Buffer.from(`\ufeff${alert}`)],
  ['; charset=utf-16', Buffer.from(`\ufeff${alert}`, 'utf16le')],
  ['; charset=UTF-16LE', Buffer.from(alert, 'utf16le')],
  ['; charset="windows-1252"', latin],
  ['; charset = iso-8859-1', latin],
  ['; charset=no-such-charset', Buffer.from(alert)],
])('a request of type application/json%s is read', async (charset, body) => {
  const headers = { 'content-type': `application/json${charset}` };
  const request = { method: 'POST', rest: '', query: '', headers, body };
  const { alerts } = await readRequest(generic, request, SETTINGS);
  expect(alerts).toMatchObject([{ status: 'firing', title: 'Größe' }]);
});
