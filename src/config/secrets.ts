import type { Config } from './config.ts';

/** Every secret text of the settings, so that the log can mask them wherever they occur. */
export function secretsOf(config: Config): string[] {
  const { database, freescout, slack, ingestTokens, apiTokens, oidc, sessionSecret } = config;
  const url = database.url === null ? null : new URL(database.url);
  const secrets = [
    url?.password,
    url && decodeURIComponent(url.password),
    url?.searchParams.get('password'),
    freescout.apiKey,
    freescout.webhookSecret,
    slack.botToken,
    oidc?.clientSecret,
    sessionSecret,
    ...ingestTokens.map(({ token }) => token),
    ...apiTokens.map(({ token }) => token),
  ];
  return [...new Set(secrets.filter((secret) => typeof secret === 'string').filter((secret) => secret !== ''))];
}
