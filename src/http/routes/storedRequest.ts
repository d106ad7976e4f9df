import { withoutEncoding } from '../../alerts/senders/readRequest.ts';
import { NotUnderstood, type SenderRequest } from '../../alerts/senders/sender.ts';
import { maskSecretBytes, maskSecrets } from '../../log/secretTexts.ts';
import type { Ctx } from '../context.ts';

/** What of a sender's request is stored. */

/** What a request may say about its body. Our secrets in it are masked; any other header may hold one of the sender. */
const KEPT = /^(content-type|content-encoding|user-agent|ce-[a-z0-9-]+)$/;
const MAX_HEADER = 2_000;

export const headersOf = (ctx: Ctx): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ctx.headers).flatMap(([name, value]) =>
      KEPT.test(name) && typeof value === 'string'
        ? [[maskSecrets(name), maskSecrets(value).slice(0, MAX_HEADER)]]
        : [],
    ),
  );

type Packed = Pick<SenderRequest, 'headers' | 'body'>;

/** An event is stored as it is read: its token is masked, and the key of an event that has none is a hash of its body. */
export function withoutPacking(sent: Packed, limit: number): Packed {
  const { 'content-encoding': _encoding, ...headers } = sent.headers;
  try {
    return { headers, body: withoutEncoding(sent, limit) };
  } catch (error) {
    if (error instanceof NotUnderstood) return sent;
    throw error;
  }
}

/**
 * A compressed body in which a secret of ours would be stored is stored unpacked, so that it is masked there: the workers
 * that read it later do not have the tokens of senders.
 */
export function withoutPackedSecrets(sent: Packed, limit: number): Packed {
  if (sent.headers['content-encoding'] === undefined) return sent;
  const plain = withoutPacking(sent, limit);
  return maskSecretBytes(plain.body) === plain.body ? sent : plain;
}
