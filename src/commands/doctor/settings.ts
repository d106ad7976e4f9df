import { type Config, ConfigError, readConfig } from '../../config/config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const CHECK = 'settings';
const SIGN_IN = /^(OIDC_|SESSION_SECRET$)/;

/**
 * All errors of the settings, and the settings without the invalid ones, so that the other checks can run; `config` is null
 * if no valid settings remain.
 */
export function checkSettings(env: NodeJS.ProcessEnv): { findings: Finding[]; config: Config | null } {
  try {
    const config = readConfig(env);
    const warnings = config.warnings.map((sentence) => warn(CHECK, sentence));
    const valid = config.production
      ? 'All settings are valid, for production.'
      : 'All settings are valid. Outside production, parts that are not configured are embedded.';
    return { findings: [ok(CHECK, valid), ...warnings], config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { findings: error.errors.map((sentence) => fail(CHECK, sentence)), config: readWithout(env, error.errors) };
  }
}

function readWithout(env: NodeJS.ProcessEnv, errors: readonly string[]): Config | null {
  // Each sentence begins with the name of its variable.
  const invalid = new Set(errors.map((sentence) => sentence.split(' ', 1)[0]));
  const dropSignIn = [...invalid].some((name) => SIGN_IN.test(name ?? ''));
  const rest = Object.entries(env).filter(
    // Production and a public host require settings whose absence is reported already.
    ([name]) => !invalid.has(name) && !['NODE_ENV', 'HOST'].includes(name) && !(dropSignIn && SIGN_IN.test(name)),
  );
  try {
    return readConfig(Object.fromEntries(rest));
  } catch {
    return null;
  }
}
