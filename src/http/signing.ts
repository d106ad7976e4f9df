import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Signer {
  /** `value` followed by a signature that holds for this purpose only. */
  sign(purpose: string, value: string): string;
  /** The value when the signature is ours and for this purpose, else null. */
  open(purpose: string, signed: string): string | null;
}

/** Signs what we hand to browsers and want back unchanged. Without a secret, it holds until this process ends. */
export function createSigner(secret: string | null): Signer {
  const key = secret ?? randomBytes(32);
  const signatureOf = (purpose: string, value: string) =>
    createHmac('sha256', key).update(`${purpose}\n${value}`).digest('base64url');

  return {
    sign: (purpose, value) => `${value}.${signatureOf(purpose, value)}`,
    open(purpose, signed) {
      const dot = signed.lastIndexOf('.');
      if (dot < 0) return null;
      const value = signed.slice(0, dot);
      return sameText(signed.slice(dot + 1), signatureOf(purpose, value)) ? value : null;
    },
  };
}

/** Compares without telling by its timing where two texts begin to differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
