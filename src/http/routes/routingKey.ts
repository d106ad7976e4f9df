/** The routing key of a PagerDuty event is a token, which is stored nowhere. */
export function withoutRoutingKey(body: Buffer): { body: Buffer; key: string | undefined } {
  const text = body.toString();
  // Found in broken JSON too, so that such a request becomes a dead letter of its source.
  const written = /"routing_key"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (written === undefined || written === '') return { body, key: undefined };
  const key = unescaped(written);
  const rest = [written, key].reduce((kept, each) => kept.replaceAll(each, '***'), text);
  return { body: Buffer.from(rest), key };
}

function unescaped(written: string): string {
  try {
    return JSON.parse(`"${written}"`) as string;
  } catch {
    return written;
  }
}
