import { HIDDEN } from './presentable.ts';

/** Masking shorter secrets, such as passwords in tests, would also hide ordinary words. */
const MIN_SECRET_LENGTH = 12;

/** All forms of all secrets of this process, the longest first: one secret may be a part of another one. */
let masked: string[] = [];

/** From now on `maskSecrets` and all logs of this process hide these texts. */
export function registerSecrets(secrets: readonly string[]): void {
  const long = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  masked = [...new Set([...masked, ...long.flatMap(formsOf)])].sort((one, other) => other.length - one.length);
}

/** As it is, as it appears inside JSON, as PHP writes JSON, and as it appears in an address. */
function formsOf(secret: string): string[] {
  const written = JSON.stringify(secret).slice(1, -1);
  return [secret, written, written.replaceAll('/', '\\/'), encodeURIComponent(secret)];
}

/** Foreign text without the secrets of this process: what we sent to another system may come back in its answer. */
export function maskSecrets(text: string): string {
  let shown = text;
  for (const secret of masked) if (shown.includes(secret)) shown = shown.replaceAll(secret, HIDDEN);
  return shown;
}

/** The same for a body in UTF-8 or Latin 1. Returns the bytes themselves where there is no secret in them, as nearly always. */
export function maskSecretBytes(bytes: Buffer): Buffer {
  const found = masked.filter((secret) => bytes.includes(secret));
  if (found.length === 0) return bytes;
  const asBytes = (text: string) => Buffer.from(text).toString('latin1');
  const shown = found.reduce((text, secret) => text.replaceAll(asBytes(secret), HIDDEN), bytes.toString('latin1'));
  return Buffer.from(shown, 'latin1');
}

/** A copy of a JSON value in which every text is masked; undefined stays. Names of fields are not masked. */
export function maskSecretsIn<T>(value: T): T {
  if (value === undefined) return value;
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === 'string' ? maskSecrets(inner) : inner,
  );
}
