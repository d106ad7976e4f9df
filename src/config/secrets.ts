import type { Config } from './config.ts';

/** Every secret text of the settings, so that the log can mask them wherever they occur. */
export function secretsOf(config: Config): string[] {
  const { database, freescout, slack, ingestTokens, apiTokens, oidc, sessionSecret } = config;
  const secrets = [
    ...passwordsIn(database.url),
    ...passwordsIn(database.directUrl),
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

function passwordsIn(address: string | null): (string | null)[] {
  if (address === null) return [];
  const { password, searchParams } = new URL(address);
  return [password, decodeURIComponent(password), searchParams.get('password')];
}
