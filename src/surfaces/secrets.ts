import { SECRET_SETTINGS } from '../config/secretFiles.ts';
import type { RequestSettings } from './fileSchema.ts';

/** References such as `${API_KEY}` in the surfaces file. They are replaced when a check is made, and stored nowhere. */

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Secrets of this program. Whoever writes the surfaces file chooses where the values of its references are sent. */
const OWN_SECRETS: ReadonlySet<string> = new Set([...SECRET_SETTINGS, 'PGPASSWORD']);

/** A variable to which the surfaces file refers cannot be used. */
class VariableError extends Error {
  readonly code: 'VARIABLE_NOT_SET' | 'VARIABLE_REFUSED';

  constructor(code: VariableError['code'], message: string) {
    super(message);
    this.name = 'VariableError';
    this.code = code;
  }
}

/** The variables to which a text refers. */
export const variablesIn = (text: string): string[] =>
  [...text.matchAll(REFERENCE)].map(([, variable = '']) => variable);

interface Reference {
  /** The field of the surface, as the file names it. */
  path: readonly string[];
  variable: string;
}

function referencesIn({ headers, body, basicAuth, proxy }: RequestSettings): Reference[] {
  const texts: [string[], string | null | undefined][] = [
    ...Object.entries(headers).map(([name, text]): [string[], string] => [['headers', name], text]),
    [['body'], body],
    [['basic_auth', 'username'], basicAuth?.username],
    [['basic_auth', 'password'], basicAuth?.password],
    [['proxy'], proxy],
  ];
  return texts.flatMap(([path, text]) => variablesIn(text ?? '').map((variable) => ({ path, variable })));
}

/** References to secrets of this program. Only its proxy may be that of a check too. */
export const refusedReferences = (request: RequestSettings): Reference[] =>
  referencesIn(request).filter(
    ({ path, variable }) => OWN_SECRETS.has(variable) && !(path[0] === 'proxy' && variable === 'OUTGOING_PROXY'),
  );

/** Throws where the request would send a secret of this program. */
export function refuseOwnSecrets(request: RequestSettings): void {
  const [refused] = refusedReferences(request);
  if (refused) throw new VariableError('VARIABLE_REFUSED', `${refused.variable} is a secret of this program`);
}

/** Fills in the variables, and collects each value in `secrets`. */
export function resolveReferences(text: string, env: NodeJS.ProcessEnv, secrets: Set<string>): string {
  return text.replace(REFERENCE, (_, name: string) => {
    const value = env[name];
    if (value === undefined || value === '')
      throw new VariableError('VARIABLE_NOT_SET', `the environment variable ${name} is not set`);
    secrets.add(value);
    return value;
  });
}

/** The variables to which the checks of a surface refer and which have no value here. */
export function unsetVariables({ request }: { request: RequestSettings }, env: NodeJS.ProcessEnv): string[] {
  const names = referencesIn(request).map(({ variable }) => variable);
  return [...new Set(names)].filter((name) => !env[name]);
}

/** A text that may be shown: without any of the secrets. */
export const withoutSecrets = (text: string, secrets: ReadonlySet<string>): string =>
  [...secrets].reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
