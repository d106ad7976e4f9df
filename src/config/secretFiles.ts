import { readFileSync } from 'node:fs';
import type { SettingError } from './settingsTree.ts';

/** Settings that hold a secret. Instead of each, its name with `_FILE` may name a file that holds the value. */
export const SECRET_SETTINGS = [
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'DATABASE_OWNER_URL',
  'DATABASE_READER_URL',
  'FREESCOUT_API_KEY',
  'FREESCOUT_WEBHOOK_SECRET',
  'SLACK_BOT_TOKEN',
  'INGEST_TOKENS',
  'CONSOLE_API_TOKENS',
  'METRICS_TOKEN',
  'OIDC_CLIENT_SECRET',
  'SESSION_SECRET',
  'OUTGOING_PROXY',
  'HEARTBEAT_URL',
  'AUDIT_DIGEST_SECRET',
  'AUDIT_DIGEST_SECRET_PREVIOUS',
] as const;

interface FromFiles {
  texts: Map<string, string>;
  /** Secrets whose file is named, readable or not. */
  given: Set<string>;
  errors: SettingError[];
}

/** The secrets that files hold. White space around a value, such as the end of its line, is not part of it. */
export function readSecretFiles(env: NodeJS.ProcessEnv): FromFiles {
  const found: FromFiles = { texts: new Map(), given: new Set(), errors: [] };
  for (const secret of SECRET_SETTINGS) {
    const variable = `${secret}_FILE`;
    const path = env[variable]?.trim() ?? '';
    if (path === '') continue;
    found.given.add(secret);
    const fault = (what: string) => void found.errors.push({ variable, sentence: `${variable} ${what}` });
    if ((env[secret]?.trim() ?? '') !== '') {
      fault(`is set beside ${secret}: unset one of them.`);
      continue;
    }
    try {
      const text = readFileSync(path, 'utf8').trim();
      if (text === '') fault(`names an empty file: write the value of ${secret} into it.`);
      else found.texts.set(secret, text);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
      fault(`names a file that cannot be read (${code}): set it to the path of a file with the value of ${secret}.`);
    }
  }
  return found;
}
