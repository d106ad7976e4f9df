import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Signer {
  /** `value` followed by a signature that is valid for this purpose only. */
  sign(purpose: string, value: string): string;
  /** The value if the signature is valid for this purpose, else null. */
  verify(purpose: string, signed: string): string | null;
}

/** Signs values that browsers store for us. Without a secret, signatures are valid until this process ends. */
export function createSigner(secret: string | null): Signer {
  const key = secret ?? randomBytes(32);
  const signatureOf = (purpose: string, value: string) =>
    createHmac('sha256', key).update(`${purpose}\n${value}`).digest('base64url');

  return {
    sign: (purpose, value) => `${value}.${signatureOf(purpose, value)}`,
    verify(purpose, signed) {
      const dot = signed.lastIndexOf('.');
      if (dot < 0) return null;
      const value = signed.slice(0, dot);
      return sameText(signed.slice(dot + 1), signatureOf(purpose, value)) ? value : null;
    },
  };
}

/** Compares in constant time. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
