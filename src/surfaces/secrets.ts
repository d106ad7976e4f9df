import type { SurfaceConfig } from './surfacesFile.ts';

/** References such as `${API_KEY}` in the surfaces file. They are replaced when a check is made, and stored nowhere. */

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** A variable to which the surfaces file refers is not set in this process. */
class MissingVariableError extends Error {
  readonly code = 'VARIABLE_NOT_SET';

  constructor(name: string) {
    super(`the environment variable ${name} is not set`);
    this.name = 'MissingVariableError';
  }
}

/** Fills in the variables, and collects each value in `secrets`. */
export function resolveReferences(text: string, env: NodeJS.ProcessEnv, secrets: Set<string>): string {
  return text.replace(REFERENCE, (_, name: string) => {
    const value = env[name];
    if (value === undefined || value === '') throw new MissingVariableError(name);
    secrets.add(value);
    return value;
  });
}

/** The variables to which the checks of a surface refer and which have no value here. */
export function unsetVariables({ request }: Pick<SurfaceConfig, 'request'>, env: NodeJS.ProcessEnv): string[] {
  const { headers, body, basicAuth, proxy } = request;
  const texts = [...Object.values(headers), body, basicAuth?.username, basicAuth?.password, proxy];
  const names = texts.flatMap((text) => [...(text ?? '').matchAll(REFERENCE)].map(([, name]) => name ?? ''));
  return [...new Set(names)].filter((name) => !env[name]);
}

/** A text that may be shown: without any of the secrets. */
export const withoutSecrets = (text: string, secrets: ReadonlySet<string>): string =>
  [...secrets].reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
