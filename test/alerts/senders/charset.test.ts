import { expect, it } from 'vitest';
import { generic } from '../../../src/alerts/senders/generic.ts';
import { pagerduty } from '../../../src/alerts/senders/pagerduty.ts';
import { alertIdOf, readRequest } from '../../../src/alerts/senders/readRequest.ts';

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

it.each<[what: string, charset: string, encoding: BufferEncoding]>([
  ['in UTF-8 with a byte order mark', '', 'utf8'],
  ['in UTF-16', '; charset=utf-16', 'utf16le'],
])('an event for PagerDuty %s has its own key, in the answer too', async (_what, charset, encoding) => {
  const event = { event_action: 'resolve', dedup_key: 'disk/1' };
  const body = Buffer.from(`\ufeff${JSON.stringify(event)}`, encoding);
  const headers = { 'content-type': `application/json${charset}` };
  const request = { method: 'POST', rest: '', query: '', headers, body };
  expect(pagerduty.accepted(request, '1').body).toMatchObject({ dedup_key: 'disk/1' });
  const { alerts } = await readRequest(pagerduty, request, SETTINGS);
  expect(alerts).toMatchObject([{ status: 'resolved', alert_id: alertIdOf(['disk/1']) }]);
});
