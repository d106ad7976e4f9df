import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/lib/problem.ts';
import * as samples from './samples.ts';
import { FORM, PAGE, start, visit } from './support.ts';

const text = async (response: Promise<Response>) => (await response).text();

describe('a surface whose checks have stopped', () => {
  it('says so before it says how it was', async () => {
    const stopped = samples.story(samples.tile('billing', { status: 'UNKNOWN', was: 'DOWN' }));
    const page = await text(
      (await start({ services: { surface: async () => stopped } })).get('/console/surfaces/billing', PAGE),
    );
    expect(page).toMatch(/Its checks have stopped:.*and it was DOWN then\. How it is now is not known\./);
    expect(page.indexOf('Its checks have stopped')).toBeLessThan(page.indexOf('<dt>Since'));
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

  it('says when it has not run for longer than it should', async () => {
    expect(await page(ran(25))).toContain('so what is below may be out of date');
    expect(await page(ran(1))).not.toContain('out of date');
  });

  it('says of what waits for a person what to do', async () => {
    expect(await page(ran(1))).toContain('close the other in FreeScout');
  });

  it('does not claim before its first run that nothing waits', async () => {
    const nothing = async () => ({ last_run: null, standing: [], recent: [] });
    expect(await page({ services: { reconciliation: nothing } })).not.toContain('Nothing waits');
  });
});

describe('a page that says what went wrong', () => {
  const refused = async (path: string, referer: string) => {
    const app = await start();
    const { cookie, token } = await visit(app, '/console/dead-letters');
    const answer = await app.post(path, `_csrf=${token}&count=7`, { ...FORM, cookie, referer });
    return /<a href="([^"]+)">Back to the page before/.exec(await answer.text())?.[1];
  };

  it('leads back to the page whose form was refused', async () => {
    const from = 'http://127.0.0.1:3000/console/dead-letters?kind=note';
    expect(await refused('/console/dead-letters/replay', from)).toBe('/console/dead-letters?kind=note');
  });

  it('leads nowhere else, whatever page it is said to come from', async () => {
    expect(await refused('/console/dead-letters/replay', 'https://evil.example/phish')).toBe('/console/status');
    expect(await refused('/console/dead-letters/replay', 'https://evil.example//console')).toBe('/console/status');
  });

  it('leads to the list in which what was looked for would stand', async () => {
    const page = await text((await start()).get('/console/customers/nobody/tickets', PAGE));
    expect(page).toContain('<a href="/console/customers">To the customers</a>');
    expect(page).toContain('auto-ticketing customers import');
  });
});

describe('an edit of a dead letter that cannot be stored', () => {
  const store = async (payload: string, services: Parameters<typeof start>[0] = {}) => {
    const app = await start(services);
    const { cookie, token } = await visit(app, '/console/dead-letters/d1');
    const form = new URLSearchParams({ _csrf: token, payload }).toString();
    return app.post('/console/dead-letters/d1/edit', form, { ...FORM, cookie });
  };

  it('keeps what was written, and says beside it what is wrong', async () => {
    const answer = await store('{"thread": "half a th');
    const page = await answer.text();
    expect(answer.status).toBe(400);
    expect(page).toMatch(/Not stored\. This is not JSON: /);
    expect(page).toMatch(
      /<textarea[^>]*aria-describedby="refused"[^>]*>\{&quot;thread&quot;: &quot;half a th<\/textarea>/,
    );
  });

  it('does so where its fields are not those that they were, too', async () => {
    const editDeadLetter = () => Promise.reject(new Problem('invalid_field', 'thread: It may not change.'));
    const page = await (await store('{"thread":"other"}', { services: { editDeadLetter } })).text();
    expect(page).toContain('Not stored. thread: It may not change.');
    expect(page).toContain('{&quot;thread&quot;:&quot;other&quot;}</textarea>');
  });
});
