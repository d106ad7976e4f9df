import { expect, it } from 'vitest';
import { bearer, start, TOKENS } from '../support.ts';

it.each(['identity;q=0', '*;q=0'])('who takes no encoding at all (%s) is answered all the same', async (encoding) => {
  const app = await start();
  const headers = { ...bearer(TOKENS.admin), 'accept-encoding': encoding };
  const flipped = await app.post('/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET', { enabled: false }, headers);
  expect(flipped.status).toBe(200);
  expect(flipped.headers.get('content-encoding')).toBeNull();
  expect((await app.get('/metrics', headers)).status).toBe(200);
});

it('a long answer is packed for who can take it', async () => {
  const answer = await (await start()).get('/openapi.json', { 'accept-encoding': 'gzip' });
  expect(answer.headers.get('content-encoding')).toBe('gzip');
});
