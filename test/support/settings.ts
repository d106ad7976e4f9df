import { ConfigError, readConfig } from '../../src/config/config.ts';

export type Env = Record<string, string>;

/** The four settings that let people sign in. */
export const SIGN_IN = {
  OIDC_ISSUER_URL: 'https://id.example.com',
  OIDC_CLIENT_ID: 'console',
  OIDC_CLIENT_SECRET: 'client-secret-of-the-console',
  SESSION_SECRET: 'a-session-secret-of-32-characters',
};

/** The required settings of production. */
export const PRODUCTION: Env = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://console.example.com',
  DATABASE_URL: 'postgres://console:pass@db.example.com/console?sslmode=verify-full',
  ...SIGN_IN,
};

export function settingErrors(env: Env): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
}
