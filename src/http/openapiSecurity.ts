import type { Endpoint } from './endpoint.ts';

/** Where a sender may put the token of its source, if it can set a header at all; `senderToken.ts` reads these. */
const OF_SENDERS = {
  ingestToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of a source: of INGEST_TOKENS, or one that the surfaces file names.',
  },
  senderPassword: {
    type: 'http',
    scheme: 'basic',
    description: 'The token of a source as the password. The user name does not matter.',
  },
  senderKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'The token of a source.' },
  routingKey: { type: 'apiKey', in: 'header', name: 'X-Routing-Key', description: 'The token of a source.' },
  genieKey: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The token of a source after the word `GenieKey`, as clients of Opsgenie send it.',
  },
};

export const SECURITY_SCHEMES = {
  apiToken: { type: 'http', scheme: 'bearer', description: 'A token of CONSOLE_API_TOKENS.' },
  ...OF_SENDERS,
};

/** The alternatives for the caller of a route; an empty one where its headers need not hold a token. */
export function securityOf({ access, token }: Endpoint): Record<string, string[]>[] {
  if (token !== undefined) {
    const alternatives = Object.keys(OF_SENDERS).map((id) => ({ [id]: [] }));
    return token === 'anywhere' ? [...alternatives, {}] : alternatives;
  }
  if (access === 'anyone') return [];
  return access === 'sender' ? [{ ingestToken: [] }] : [{ apiToken: [access] }];
}
