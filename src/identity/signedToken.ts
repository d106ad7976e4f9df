import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** A new 256-bit session token. Only the browser has it; the database stores its digest. */
export const newToken = (): string => randomBytes(32).toString('base64url');

export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts a text so that the database alone is not enough to read it: decryption needs the token of the browser. */
export function encryptWithToken(token: string, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(token), nonce);
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]);
}

/** The text, or null if it was encrypted with another token or was changed. */
export function decryptWithToken(token: string, encrypted: Buffer): string | null {
  try {
    const decipher = createDecipheriv(CIPHER, keyOf(token), encrypted.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(encrypted.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const rest = encrypted.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(rest), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

// The purpose string makes the key differ from the digest, which is stored beside the encrypted text.
const keyOf = (token: string): Buffer => Buffer.from(hkdfSync('sha256', token, '', 'provider hint', 32));
