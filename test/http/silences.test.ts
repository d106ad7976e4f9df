import { describe, expect, it } from 'vitest';
import { matches } from '../../src/alerts/silences/matching.ts';
import type { SilenceMatchers } from '../../src/model/silences.ts';
import * as samples from './samples.ts';
import { errorOf, FORM, PAGE, type Running, start, visit } from './support.ts';

const PATH = '/console/silences';
const NEW = `${PATH}/new`;
/** Later than the end of all tests of this file, however slow the machine is. */
const in1h = new Date(Date.now() + 3_600_000).toISOString();
const fields = { source: '', surface_id: '', alert_key: '', labels: '', minutes: '60', reason: 'disks' };

async function submit(app: Running, typed: Partial<typeof fields>): Promise<Response> {
  const { cookie, token } = await visit(app, NEW);
  const form = new URLSearchParams({ _csrf: token, ...fields, ...typed }).toString();
  return app.post(PATH, form, { ...FORM, cookie });
}

describe('the form for a silence', () => {
  it('a filled-in form creates a silence and leads to the list', async () => {
    const app = await start();
    const before = Date.now();
    const response = await submit(app, { source: 'prometheus', labels: 'host = db-*\r\n\r\nteam=a=b', minutes: '120' });
    expect([response.status, response.headers.get('location')]).toEqual([303, PATH]);
    const [{ with: given } = { with: [] }] = app.calls.filter(({ what }) => what === 'createSilence');
    const matchers = { source: 'prometheus', labels: { host: 'db-*', team: 'a=b' } };
    expect(given).toEqual([{ matchers, until: expect.any(Date), reason: 'disks' }, 'local developer']);
    const hours = ((given[0] as { until: Date }).until.getTime() - before) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(2);
    expect(hours).toBeLessThan(2.1);
  });

  it.each<[what: string, typed: Partial<typeof fields>, field: string, message: string]>([
    ['no matcher', {}, 'source', 'Expected a source, a surface, an alert key or a label'],
    ['no reason', { source: 'a', reason: '' }, 'reason', 'Expected text that is not empty'],
    ['no end', { source: 'a', minutes: '' }, 'minutes', 'Expected a time in the future'],
    ['a line without a value', { labels: 'host=db\nteam' }, 'labels', 'Expected name=value in line 2'],
    ['a label without a pattern', { labels: 'host=' }, 'labels', 'Expected text that is not empty'],
    ['one label twice', { labels: 'host=a\nhost = b' }, 'labels', 'Expected each label once; line 2 repeats host'],
    ['a pattern that is too long', { surface_id: 'x'.repeat(401) }, 'surface_id', 'Expected at most 400 characters'],
  ])('a form with %s is shown again with the error at its field', async (_, typed, field, message) => {
    const app = await start();
    const response = await submit(app, typed);
    const page = await response.text();
    expect(response.status).toBe(400);
    expect(page).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"[^>]*aria-describedby="${field}-error"`));
    expect(page).toContain(`id="${field}-error" role="alert">${message}</p>`);
    expect(page.match(/class="field-error"/g)).toHaveLength(1);
    for (const text of Object.values(typed).filter((value) => value.length > 2)) expect(page).toContain(text);
    expect(app.calls.filter(({ what }) => what === 'createSilence')).toEqual([]);
  });

  it('the form for an alert has its source, its surface and the labels that tell alerts apart', async () => {
    const labels = { host: 'db*1', runbook: 'https://wiki.example.com', text: 'two\nlines', 'a=b': 'c' };
    const alert = async () => ({ ...samples.alertStory(samples.alert('grafana:1')), labels });
    const app = await start({ services: { alert } });
    expect(await (await app.get(`${NEW}?alert=grafana%3A1`)).json()).toEqual({
      ...{ source: 'grafana', surface_id: 'api-prod', alert_key: '', labels: 'host=db\\*1' },
      ...{ minutes: '60', reason: '' },
    });
    expect(await (await app.get(`${NEW}?alert=grafana%3A1`, PAGE)).text()).toContain('>host=db\\*1</textarea>');
  });

  it('the form for an alert, sent as it is, silences exactly the labels of that alert', async () => {
    const labels = { host: ' db 1 ', quoted: '"a"', plain: 'a=b', star: '*' };
    const alert = async () => ({ ...samples.alertStory(samples.alert('grafana:1')), labels });
    const app = await start({ services: { alert } });
    const filled = (await (await app.get(`${NEW}?alert=grafana%3A1`)).json()) as typeof fields;
    await submit(app, { ...filled, reason: 'disks' });
    const [{ with: given } = { with: [] }] = app.calls.filter(({ what }) => what === 'createSilence');
    const { matchers } = given[0] as { matchers: SilenceMatchers };
    expect(matchers.labels).toEqual({ host: ' db 1 ', quoted: '"a"', plain: 'a=b', star: '\\*' });
    expect(matches(matchers, { alertKey: 'grafana:1', source: 'grafana', surfaceId: 'api-prod', labels })).toBe(true);
  });

  it('the form for an alert with neither surface nor labels has its key, and that of an unknown alert is empty', async () => {
    const alert = async (key: string) =>
      key === 'a:1' ? { ...samples.alertStory(samples.alert(key, { surface_id: null })), labels: {} } : null;
    const app = await start({ services: { alert } });
    const filled = async (key: string) => (await (await app.get(`${NEW}?alert=${key}`)).json()) as typeof fields;
    expect(await filled('a:1')).toMatchObject({ source: 'a', alert_key: 'a:1', labels: '' });
    expect(await filled('a:2')).toMatchObject({ source: '', alert_key: '' });
  });
});

describe('the API of silences', () => {
  it.each<[body: unknown, field: string]>([
    [{ matchers: {}, until: '2099-01-01T00:00:00Z', reason: 'x' }, 'matchers'],
    [{ matchers: { labels: {} }, until: '2099-01-01T00:00:00Z', reason: 'x' }, 'matchers'],
    [{ matchers: { source: '' }, until: '2099-01-01T00:00:00Z', reason: 'x' }, 'matchers.source'],
    [{ matchers: { sources: 'a' }, until: '2099-01-01T00:00:00Z', reason: 'x' }, 'matchers.sources'],
    [{ matchers: { source: 'a' }, reason: 'x' }, 'until'],
    [{ matchers: { source: 'a' }, until: '2020-01-01T00:00:00Z', reason: 'x' }, 'until'],
    [{ matchers: { source: 'a' }, until: '2099-01-01T00:00:00Z', reason: 'x' }, 'until'],
    [{ matchers: { source: 'a' }, until: in1h }, 'reason'],
    [{ matchers: { source: 'a' }, until: in1h, reason: ' ' }, 'reason'],
  ])('the invalid silence %j is refused with its field', async (body, field) => {
    const app = await start();
    const response = await app.post(PATH, body);
    expect([response.status, (await errorOf(response)).field]).toEqual([400, field]);
    expect(app.calls).toEqual([]);
  });

  it('a silence is ended by its id, and one that does not exist gets 404', async () => {
    const app = await start();
    const ended = await fetch(`${app.url}${PATH}/12`, { method: 'DELETE' });
    expect([ended.status, await ended.json()]).toMatchObject([200, { id: '12', state: 'ended' }]);
    const unknown = await fetch(`${app.url}${PATH}/13`, { method: 'DELETE' });
    expect([unknown.status, (await errorOf(unknown)).code]).toEqual([404, 'unknown_silence']);
  });
});

it('the list of alerts says until when, by whom and why an alert is silenced', async () => {
  const page = await (await (await start()).get('/console/alerts', PAGE)).text();
  expect(page).toMatch(/<a href="\/console\/silences">Silenced<\/a> until .*by ada@example\.com: Moving the region/);
});

it('the page of an active alert leads to a silence for it', async () => {
  const alert = async (key: string) => samples.alertStory(samples.alert(key));
  const page = await (await (await start({ services: { alert } })).get('/console/alerts/a%3Ab', PAGE)).text();
  expect(page).toContain('href="/console/silences/new?alert=a%3Ab">Silence this…</a>');
});

it('a viewer sees silences without the means to change them', async () => {
  const app = await start({ env: {} });
  const html = await (await app.get(PATH, { ...PAGE, authorization: 'Bearer viewer-token-0123456789abcdef' })).text();
  expect(html).toContain('Moving the region');
  expect(html).not.toContain('New silence');
  expect(html).not.toContain(`${PATH}/12/end`);
});
