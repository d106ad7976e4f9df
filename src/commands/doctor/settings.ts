import { type Config, ConfigError, readConfig } from '../../config/config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const CHECK = 'settings';
const SIGN_IN = /^(OIDC_|SESSION_SECRET$)/;

/**
 * Every fault of the settings, and the settings that are left when the faulty ones count as unset, so that the rest
 * can be checked all the same; null where nothing can be made of them.
 */
export function checkSettings(env: NodeJS.ProcessEnv): { findings: Finding[]; config: Config | null } {
  try {
    const config = readConfig(env);
    const where = config.production ? 'production' : 'this machine: what is unset is embedded';
    const warnings = config.warnings.map((sentence) => warn(CHECK, sentence));
    return { findings: [ok(CHECK, `All settings can be used; they are meant for ${where}.`), ...warnings], config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { findings: error.faults.map((sentence) => fail(CHECK, sentence)), config: readRest(env, error.faults) };
  }
}

function readRest(env: NodeJS.ProcessEnv, faults: readonly string[]): Config | null {
  // Each sentence begins with the name of its variable.
  const faulty = new Set(faults.map((sentence) => sentence.split(' ', 1)[0]));
  const withoutSignIn = [...faulty].some((name) => SIGN_IN.test(name ?? ''));
  const left = Object.entries(env).filter(
    // Production and a public address make demands that were listed already.
    ([name]) => !faulty.has(name) && !['NODE_ENV', 'HOST'].includes(name) && !(withoutSignIn && SIGN_IN.test(name)),
  );
  try {
    return readConfig(Object.fromEntries(left));
  } catch {
    return null;
  }
}
