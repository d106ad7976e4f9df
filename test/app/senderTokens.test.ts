import { expect, it } from 'vitest';
import type { Sources } from '../../src/alerts/sources/sources.ts';
import { createSenderApi } from '../../src/app/senderApi.ts';
import type { Config } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';

it('a token whose variable the surfaces file names is masked in the log', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const declared = async () => [{ id: 'kuma', stableIds: true, tokenEnv: 'KUMA_TOKEN' }];
  const sources = { declared } as unknown as Sources;
  const api = createSenderApi(
    { pool: {} as never, pagePool: {} as never, config: {} as Config, sources, flushRefusals: async () => {} },
    { KUMA_TOKEN: 'a-token-that-is-named-by-the-file' },
  );
  expect(await api.sourceTokens()).toHaveLength(1);
  log.info({ url: '/x/a-token-that-is-named-by-the-file' }, 'asked');
  expect(lines.join('')).toContain('asked');
  expect(lines.join('')).not.toContain('named-by-the-file');
});

it('a stored surfaces file gives no token to a source of the console itself', async () => {
  const declared = async () =>
    ['status_poller', 'console', 'reconciler', 'kuma'].map((id) => ({ id, stableIds: true, tokenEnv: 'TOKEN' }));
  const api = createSenderApi(
    {
      ...{ pool: {} as never, pagePool: {} as never, config: {} as Config, flushRefusals: async () => {} },
      sources: { declared } as unknown as Sources,
    },
    { TOKEN: 'a-token-that-is-named-by-four-sources' },
  );
  expect(await api.sourceTokens()).toEqual([{ source: 'kuma', token: 'a-token-that-is-named-by-four-sources' }]);
});

it.each([
  ['fewer than 16 characters', 'a-short-token'],
  ['one repeated character', 'x'.repeat(40)],
])('a token of %s counts outside production only', async (_weakness, token) => {
  const declared = async () => [
    { id: 'weak', stableIds: true, tokenEnv: 'WEAK' },
    { id: 'good', stableIds: true, tokenEnv: 'GOOD' },
  ];
  const tokensIn = (config: Pick<Config, 'production'>) =>
    createSenderApi(
      {
        ...{ pool: {} as never, pagePool: {} as never, config: config as Config, flushRefusals: async () => {} },
        sources: { declared } as unknown as Sources,
      },
      { WEAK: token, GOOD: 'a-token-of-a-source-0123456789' },
    ).sourceTokens();
  const good = { source: 'good', token: 'a-token-of-a-source-0123456789' };
  expect(await tokensIn({ production: true })).toEqual([good]);
  expect(await tokensIn({ production: false })).toEqual([{ source: 'weak', token }, good]);
});
