/** What an admin may write, as path and body: each has the secret in every text that others read. */
export function pastedSecrets(secret: string, deadLetterId: string): [path: string, body: object][] {
  const reason = `It had the token ${secret}.`;
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const payload = { method: 'POST', query: secret, content_type: `text/plain; a=${secret}`, body: reason };
  return [
    ['/console/surfaces/shop/maintenance', { reason, until }],
    ['/console/silences', { reason, until, matchers: { labels: { token: secret } } }],
    ['/console/alerts/prometheus:quoting/resolve', { reason }],
    [`/console/dead-letters/${deadLetterId}/edit`, { payload }],
    [`/console/dead-letters/${deadLetterId}/discard`, { reason }],
  ];
}
