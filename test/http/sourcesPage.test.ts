import { expect, it } from 'vitest';
import type { SourceRow } from '../../src/model/senders.ts';
import * as samples from './samples.ts';
import { bearer, PAGE, SIGN_IN, start, TOKENS } from './support.ts';

const [SOURCE] = samples.SOURCES as [SourceRow];

/** The words of the row of each source, as they are read. */
async function rowsOf(...sources: SourceRow[]): Promise<string[]> {
  const app = await start({ env: SIGN_IN, services: { sources: async () => sources } });
  const html = await (await app.get('/console/sources', { ...PAGE, ...bearer(TOKENS.viewer) })).text();
  const [, body = ''] = /Sources of alerts<\/caption>.*?<tbody[^>]*>(.*?)<\/tbody>/s.exec(html) ?? [];
  return body.split('</tr>').flatMap((row) => {
    const words = row
      .replace(/<\/?(?:th|td|div)[^>]*>/g, ' ')
      .replace(/<[^>]*>/g, '')
      .replace(/\s+/g, ' ')
      .trim();
    return words === '' ? [] : [words];
  });
}

it('the page of sources shows what was refused, was not understood, waits and was left out', async () => {
  const [row] = await rowsOf({
    ...SOURCE,
    ...{ requests_last_hour: 12, alerts_last_hour: 30, refused_last_hour: 4 },
    ...{ waiting: 3, lag_seconds: 95, not_understood: 7, left_out_last_day: 6 },
    refused_requests: [
      { reason: 'over_quota', times: 21, last_at: samples.at(3) },
      { reason: 'invalid_token', times: 1, last_at: samples.at(50) },
    ],
  });
  expect(row).toMatch(/ 12 30 4 3 waiting, the oldest for 95 s 7 not understood of prometheus /);
  expect(row).toContain('sender left out 6 alerts today');
  expect(row).toMatch(/21 refused today more than SOURCE_REQUESTS_PER_MINUTE, last \S/);
  expect(row).toMatch(/1 refused today wrong or missing token, last \S/);
});

it('the page of sources shows no problem of a source that has none', async () => {
  expect(await rowsOf(SOURCE)).toEqual([expect.stringMatching(/^prometheus Prometheus Alertmanager .* 12 30 0 none$/)]);
});

it('the page of sources says of a source that uses POST /api/alerts what is known of it, and no zero that is not true', async () => {
  const ofScripts = {
    ...{ ...SOURCE, sender: null, sender_title: null, url: null, block: null, last_request_at: null },
    ...{ requests_last_hour: 0, alerts_last_hour: 0, seen_last_hour: 9 },
  };
  const [row] = await rowsOf({ ...ofScripts, id: 'scripts' });
  expect(row).toMatch(/^scripts POST \/api\/alerts – not counted .* – not counted 9 – not counted none$/);
  expect(row).not.toContain('never');
  const [unused] = await rowsOf({ ...ofScripts, id: 'unused', last_alert_at: null, seen_last_hour: 0 });
  expect(unused).toMatch(/^unused POST \/api\/alerts – not counted never – not counted 0 – not counted none$/);
});

it('a source whose requests were deleted after a week is not shown as one that never sent', async () => {
  const [row] = await rowsOf({ ...SOURCE, last_request_at: null });
  expect(row).toContain('none stored');
  expect(row).not.toContain('never');
});
