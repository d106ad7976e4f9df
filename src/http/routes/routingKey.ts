import { isFields } from '../../alerts/senders/shared/body.ts';

interface WithoutKey {
  body: Buffer;
  key: string | undefined;
}

/** The routing key of a PagerDuty event is a token, which is stored nowhere. */
export function withoutRoutingKey(body: Buffer): WithoutKey {
  const text = body.toString();
  let event: unknown;
  try {
    event = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    // Found in broken JSON too, so that such a request becomes a dead letter of its source.
    return withoutKeyInBroken(text, body);
  }
  // Details of the event may have a field of this name too, such as those of RabbitMQ.
  const key = isFields(event) ? event.routing_key : undefined;
  if (typeof key !== 'string' || key === '') return { body, key: undefined };
  // The key may be written with escapes. In valid JSON every text is closed, so that this takes linear time.
  const masked = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, (literal) =>
    literal.includes('\\') && unescaped(literal) === key ? '"***"' : literal,
  );
  return { body: Buffer.from(masked.replaceAll(key, '***')), key };
}

function withoutKeyInBroken(text: string, body: Buffer): WithoutKey {
  const written = /"routing_key"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"/.exec(text)?.[1];
  if (written === undefined || written === '') return { body, key: undefined };
  const key = unescaped(`"${written}"`);
  return { body: Buffer.from(text.replaceAll(written, '***').replaceAll(key, '***')), key };
}

function unescaped(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}
