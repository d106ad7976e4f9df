import { expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { secretsOf } from '../../src/config/secrets.ts';
import { PRODUCTION, SIGN_IN } from '../support/settings.ts';

it('secretsOf lists every secret of the settings once', () => {
  const config = readConfig({
    ...PRODUCTION,
    DATABASE_URL: 'postgres://console:pass%40word@db.example.com/console',
    OUTGOING_PROXY: 'http://us:pass%3Aproxy@proxy.example.com',
    FREESCOUT_API_KEY: 'help-desk-key',
    FREESCOUT_WEBHOOK_SECRET: 'help-desk-key',
    SLACK_BOT_TOKEN: 'xoxb-slack',
    INGEST_TOKENS: 'grafana:ingest-token',
    CONSOLE_API_TOKENS: 'deploy:admin:api-token',
  });
  expect(secretsOf(config).sort()).toEqual(
    [
      ...['pass%3Aproxy', 'pass:proxy', btoa('us:pass:proxy')],
      ...['pass%40word', 'pass@word', 'help-desk-key', 'xoxb-slack', 'ingest-token', 'api-token'],
      ...[SIGN_IN.OIDC_CLIENT_SECRET, SIGN_IN.SESSION_SECRET],
    ].sort(),
  );
});
