import { isLoopback } from './addresses.ts';
import { FREESCOUT_NEEDS, SLACK_NEEDS } from './notConfigured.ts';
import { missing, type Reading, type SettingError } from './read.ts';

const SIGN_IN = ['OIDC_ISSUER_URL', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'SESSION_SECRET'];
const FREESCOUT = Object.keys(FREESCOUT_NEEDS);
const SLACK = Object.keys(SLACK_NEEDS);

const SANDBOX_IN_PRODUCTION: SettingError = {
  variable: 'SANDBOX_SIGN_IN',
  sentence:
    'SANDBOX_SIGN_IN lets everybody choose who they are, which production does not allow: unset it, and set OIDC_ISSUER_URL.',
};

/** What must be set, given the other settings. An invalid setting counts as set: it has an error of its own. */
export function missingSettings(
  { values, given }: Reading,
  production: boolean,
  kind: { console: boolean },
): SettingError[] {
  const signIn = kind.console ? SIGN_IN : [];
  const unset = (variables: string[], why: string) =>
    variables.filter((variable) => !given.has(variable)).map((variable) => missing(variable, why));
  if (production) {
    const demanded = unset(['PUBLIC_URL', 'DATABASE_URL', ...signIn], ', and production requires it');
    return [...demanded, ...(values.sandboxSignIn ? [SANDBOX_IN_PRODUCTION] : [])];
  }
  if (!kind.console) return [];
  if ([...given].some((variable) => variable.startsWith('OIDC_')))
    return unset(SIGN_IN, ' although other OIDC settings are');
  if (values.host === null || isLoopback(values.host)) return [];
  const sentence = `HOST can be reached from other machines while nobody has to sign in: set it to 127.0.0.1, or set ${SIGN_IN.join(', ')} so that people sign in.`;
  return [{ variable: 'HOST', sentence }];
}

/** What does not work for lack of a setting, while everything else does. Whole sentences. */
export function disabledParts({ given }: Reading, production: boolean): string[] {
  const unset = (variables: string[], consequence: string) =>
    variables.filter((variable) => !given.has(variable)).map((variable) => missing(variable, consequence).sentence);
  const expects = (variables: string[]) => production || variables.some((variable) => given.has(variable));
  return [
    ...(expects(FREESCOUT) ? unset(FREESCOUT, ', so no ticket can be filed') : []),
    ...(expects(SLACK) ? unset(SLACK, ', so no direct message can be sent') : []),
    ...(production ? unset(['SURFACES_FILE'], ', so nothing is watched') : []),
    ...(given.has('OIDC_ISSUER_URL') ? unset(['OIDC_ROLE_MAP'], ', so nobody who signs in gets a role') : []),
  ];
}
