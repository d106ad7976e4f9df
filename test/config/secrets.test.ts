import { expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { secretsOf } from '../../src/config/secrets.ts';
import { PRODUCTION, SIGN_IN } from '../support/settings.ts';

it('secretsOf lists every secret of the settings once', () => {
  const config = readConfig({
    ...PRODUCTION,
    DATABASE_URL: 'postgres://console:pass%40word@db.example.com/console?sslmode=verify-full',
    OUTGOING_PROXY: 'http://us:pass%3Aproxy@proxy.example.com',
    FREESCOUT_API_KEY: 'help-desk-key-0123456789',
    FREESCOUT_WEBHOOK_SECRET: 'help-desk-key-0123456789',
    SLACK_BOT_TOKEN: 'xoxb-slack',
    INGEST_TOKENS: 'grafana:ingest-token-0123456789',
    CONSOLE_API_TOKENS: 'deploy:admin:api-token-0123456789',
  });
  expect(secretsOf(config).sort()).toEqual(
    [
      ...['pass%3Aproxy', 'pass:proxy', btoa('us:pass:proxy')],
      ...[
        'pass%40word',
        'pass@word',
        'help-desk-key-0123456789',
        'xoxb-slack',
        'ingest-token-0123456789',
        'api-token-0123456789',
      ],
      ...[SIGN_IN.OIDC_CLIENT_SECRET, SIGN_IN.SESSION_SECRET],
    ].sort(),
  );
});
