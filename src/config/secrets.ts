import type { Config } from './config.ts';

/** Every secret text of the settings, so that the log can mask them wherever they occur. */
export function secretsOf(config: Config): string[] {
  const { database, outgoing, freescout, slack, ingestTokens, apiTokens, metricsToken, oidc, sessionSecret } = config;
  const secrets = [
    ...passwordsIn(database.url),
    ...passwordsIn(database.directUrl),
    ...passwordsIn(database.ownerUrl),
    ...passwordsIn(database.readerUrl),
    ...passwordsIn(outgoing.proxy),
    ...credentialsFor(outgoing.proxy),
    freescout.apiKey,
    freescout.webhookSecret,
    slack.botToken,
    oidc?.clientSecret,
    sessionSecret,
    metricsToken,
    config.auditDigests.secret,
    config.auditDigests.previous,
    config.heartbeatUrl,
    ...ingestTokens.map(({ token }) => token),
    ...apiTokens.map(({ token }) => token),
  ];
  return [...new Set(secrets.filter((secret) => typeof secret === 'string').filter((secret) => secret !== ''))];
}

/** As they are sent to a proxy. */
function credentialsFor(address: string | null): string[] {
  const { username, password } = new URL(address ?? 'http://none');
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return password === '' ? [] : [Buffer.from(text).toString('base64')];
}

function passwordsIn(address: string | null): (string | null)[] {
  if (address === null) return [];
  const { password, searchParams } = new URL(address);
  return [password, decodeURIComponent(password), searchParams.get('password')];
}
