import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/lib/problem.ts';
import type { DeadLetter } from '../../src/model/deadLetters.ts';
import * as samples from './samples.ts';
import { FORM, PAGE, type Running, start, visit } from './support.ts';

const text = async (response: Promise<Response>) => (await response).text();

describe('a surface whose checks have stopped', () => {
  it('a surface whose checks have stopped shows a warning at the top of its page', async () => {
    const stopped = samples.story(samples.tile('billing', { status: 'UNKNOWN', was: 'DOWN' }));
    const page = await text(
      (await start({ services: { surface: async () => stopped } })).get('/console/surfaces/billing', PAGE),
    );
    expect(page).toMatch(/Checks have stopped:.*when the status was DOWN\. The current status is unknown\./);
    expect(page.indexOf('Checks have stopped')).toBeLessThan(page.indexOf('<dt>Since'));
  });
});

describe('the reconciler', () => {
  const page = async (services: Parameters<typeof start>[0]) =>
    text((await start(services)).get('/console/reconcile', PAGE));
  const ran = (minutesAgo: number) => ({
    services: {
      reconciliation: async () => ({
        ...samples.RECONCILIATION,
        last_run: { ...samples.RECONCILIATION.last_run, at: samples.at(minutesAgo) },
      }),
    },
  });

  it('the reconciler page warns if the last run is too old', async () => {
    expect(await page(ran(25))).toContain('so this page may be out of date');
    expect(await page(ran(1))).not.toContain('out of date');
  });

  it('the reconciler page explains what to do about a problem', async () => {
    expect(await page(ran(1))).toContain('close the other in FreeScout');
  });

  it('before the first run the reconciler page does not claim that nothing needs attention', async () => {
    const nothing = async () => ({ last_run: null, standing: [], recent: [] });
    expect(await page({ services: { reconciliation: nothing } })).not.toContain('Nothing needs attention');
  });
});

describe('an error page', () => {
  const refused = async (path: string, referer: string) => {
    const app = await start();
    const { cookie, token } = await visit(app, '/console/dead-letters');
    const answer = await app.post(path, `_csrf=${token}&count=7`, { ...FORM, cookie, referer });
    return /<a href="([^"]+)">Back to the previous page/.exec(await answer.text())?.[1];
  };

  it('an error page links back to the page whose form was refused', async () => {
    const from = 'http://127.0.0.1:3000/console/dead-letters?kind=note';
    expect(await refused('/console/dead-letters/replay', from)).toBe('/console/dead-letters?kind=note');
  });

  it('an error page never links to another site, whatever the Referer is', async () => {
    expect(await refused('/console/dead-letters/replay', 'https://evil.example/phish')).toBe('/console/status');
    expect(await refused('/console/dead-letters/replay', 'https://evil.example//console')).toBe('/console/status');
  });

  it('the error page of an unknown customer links to the customers', async () => {
    const page = await text((await start()).get('/console/customers/nobody/tickets', PAGE));
    expect(page).toContain('<a href="/console/customers">Go to customers</a>');
    expect(page).toContain('auto-ticketing customers import');
  });
});

describe('a dead letter with texts', () => {
  const payload = { subject: 'P1: Disk <full>', body: 'Two\nlines' };
  const deadLetter = async () => ({ ...(samples.DEAD_LETTERS[0] as DeadLetter), kind: 'ticket', payload });
  const store = async (app: Running, fields: Record<string, string>) => {
    const { cookie, token } = await visit(app, '/console/dead-letters/d1');
    const form = new URLSearchParams({ _csrf: token, texts: '1', ...fields }).toString();
    return app.post('/console/dead-letters/d1/edit', form, { ...FORM, cookie });
  };

  it('a ticket is shown with its alert, in fields for subject and body instead of JSON', async () => {
    const app = await start({ services: { deadLetter } });
    const page = await text(app.get('/console/dead-letters/d1', PAGE));
    expect(page).toContain('<h1>Ticket: Queue is growing</h1>');
    expect(page).toContain('href="/console/alerts/prometheus%3A77aa01c2b3d4e5f6"');
    expect(page).toMatch(/<input id="subject" name="subject"[^>]*value="P1: Disk &lt;full>"/);
    expect(page).toMatch(/<textarea id="body" name="body"[^>]*>Two\nlines<\/textarea>/);
    expect(page).not.toMatch(/sendDm|fileTicket|name="payload"/);
  });

  it('the fields replace the texts of the payload', async () => {
    const app = await start({ services: { deadLetter } });
    const response = await store(app, { subject: 'P1: Other', body: 'One\r\ntwo' });
    expect(response.status).toBe(303);
    const edited = { subject: 'P1: Other', body: 'One\ntwo' };
    expect(app.calls.at(-1)).toEqual({ what: 'editDeadLetter', with: ['d1', edited, 'local developer'] });
  });

  it('a text that is refused is shown again with the error at its field', async () => {
    const editDeadLetter = () =>
      Promise.reject(
        new Problem('invalid_field', 'payload.subject: Expected some text.', { field: 'payload.subject' }),
      );
    const response = await store(await start({ services: { deadLetter, editDeadLetter } }), { body: 'Kept' });
    const page = await response.text();
    expect(response.status).toBe(400);
    expect(page).toContain('id="subject-error" role="alert">Expected some text.</p>');
    expect(page).toContain('>Kept</textarea>');
  });
});

describe('an invalid edit of a dead letter', () => {
  const store = async (payload: string, services: Parameters<typeof start>[0] = {}) => {
    const app = await start(services);
    const { cookie, token } = await visit(app, '/console/dead-letters/d1');
    const form = new URLSearchParams({ _csrf: token, payload }).toString();
    return app.post('/console/dead-letters/d1/edit', form, { ...FORM, cookie });
  };

  it('an edit that is not JSON shows the typed text again with the error', async () => {
    const answer = await store('{"thread": "half a th');
    const page = await answer.text();
    expect(answer.status).toBe(400);
    expect(page).toMatch(/Not saved\. Invalid JSON: /);
    expect(page).toMatch(
      /<textarea[^>]*aria-describedby="refused"[^>]*>\{&quot;thread&quot;: &quot;half a th<\/textarea>/,
    );
  });

  it('an edit that changes fields shows the typed text again with the error', async () => {
    const editDeadLetter = () => Promise.reject(new Problem('invalid_field', 'thread: It may not change.'));
    const page = await (await store('{"thread":"other"}', { services: { editDeadLetter } })).text();
    expect(page).toContain('Not saved. thread: It may not change.');
    expect(page).toContain('{&quot;thread&quot;:&quot;other&quot;}</textarea>');
  });
});
