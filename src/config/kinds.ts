/**
 * Turns the text of a variable into its value, or tells `fault` what is wrong in words that follow the variable's
 * name, and answers undefined. The words never quote the text: it may be a secret that was put in the wrong place.
 */
export type Kind<T> = (text: string, fault: Fault) => T | undefined;

export type Fault = (what: string) => undefined;

export const wholeNumber =
  (least: number, most: number): Kind<number> =>
  (text, fault) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : fault(`must be a whole number from ${least} to ${most}`);
  };

export const switchedOn: Kind<boolean> = (text, fault) =>
  text === '1' ? true : text === '0' ? false : fault('must be 0 or 1');

export const anyText: Kind<string> = (text) => text;

/** A key or token that travels in an HTTP header. */
export const headerToken: Kind<string> = (text, fault) =>
  isHeaderSafe(text) ? text : fault('holds blanks or characters that cannot be sent in a header');

export const isHeaderSafe = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

export const atLeast =
  (characters: number): Kind<string> =>
  (text, fault) =>
    text.length >= characters ? text : fault(`is shorter than ${characters} characters`);

/** Without `openid` the answer would say nothing of who it is. */
export const oidcScope: Kind<string> = (text, fault) => {
  const scopes = text.split(/\s+/);
  return scopes.includes('openid') && scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
    ? scopes.join(' ')
    : fault('must be names separated by blanks, and openid one of them');
};

export const emailAddress: Kind<string> = (text, fault) =>
  /^[^\s@<>"]+@[^\s@<>"]+$/.test(text) ? text : fault('must be an e-mail address');

export const slackMember: Kind<string> = (text, fault) =>
  /^[A-Z0-9_-]+$/i.test(text) ? text : fault('must be the id of a member, not a name or an address');

// Our own lines say WARNING where pino says warn; both are taken.
const LEVELS: Record<string, string> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'fatal',
  silent: 'silent',
};

export const logLevel: Kind<string> = (text, fault) =>
  LEVELS[text.toLowerCase()] ?? fault(`must be one of ${Object.keys(LEVELS).join(', ')}`);
