import { type Config, inspectConfig } from '../../config/config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const CHECK = 'settings';

/** All errors and warnings of the settings, and the settings without the invalid ones, so that the other checks can run. */
export function checkSettings(env: NodeJS.ProcessEnv): { findings: Finding[]; config: Config } {
  const { config, errors } = inspectConfig(env);
  const warnings = config.warnings.map((sentence) => warn(CHECK, sentence));
  const valid = config.production
    ? 'All settings are valid, for production.'
    : 'All settings are valid. Outside production, parts that are not configured are embedded.';
  const findings = errors.length === 0 ? [ok(CHECK, valid)] : errors.map((sentence) => fail(CHECK, sentence));
  return { findings: [...findings, ...warnings], config };
}
