import { expect, it } from 'vitest';
import { bearer, start, TOKENS } from '../support.ts';

it.each(['identity;q=0', '*;q=0'])(
  'a client that refuses every encoding (%s) gets an uncompressed response',
  async (encoding) => {
    const app = await start();
    const headers = { ...bearer(TOKENS.admin), 'accept-encoding': encoding };
    const flipped = await app.post('/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET', { enabled: false }, headers);
    expect(flipped.status).toBe(200);
    expect(flipped.headers.get('content-encoding')).toBeNull();
    expect((await app.get('/metrics', headers)).status).toBe(200);
  },
);

it('a long response is compressed if the client accepts it', async () => {
  const answer = await (await start()).get('/openapi.json', { 'accept-encoding': 'gzip' });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
});
