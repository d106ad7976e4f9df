import type { Pool } from 'pg';
import { listShadow } from '../alerts/shadow/list.ts';
import type { Sources } from '../alerts/sources/sources.ts';
import { listSources } from '../alerts/webhooks/sourceList.ts';
import { storeRequest } from '../alerts/webhooks/store.ts';
import { sendTest } from '../alerts/webhooks/testRequest.ts';
import type { Config } from '../config/config.ts';
import { isOwnSource } from '../config/ownSources.ts';
import { weaknessOf } from '../config/weakSecrets.ts';
import { pageReader } from '../db/pageReader.ts';
import type { ConsoleApi } from '../http/consoleApi.ts';
import { registerSecrets } from '../log/secretTexts.ts';

type SenderApi = Pick<
  ConsoleApi,
  'storeRequest' | 'sourceTokens' | 'sourceKind' | 'isDeclared' | 'sources' | 'shadow' | 'testSource'
>;

interface Deps {
  pool: Pool;
  pagePool: Pool;
  config: Config;
  sources: Sources;
  /** Stores the refusals that this process has counted. */
  flushRefusals: () => Promise<void>;
}

/** Production accepts no token that can be guessed, as in the settings. */
const isUsable = (token: string | undefined, { production }: Pick<Config, 'production'>): token is string =>
  token !== undefined && token !== '' && !(production && weaknessOf(token) !== null);

/** The webhooks of alert senders, and the page about their sources. */
export function createSenderApi(
  { pool, pagePool, config, sources, flushRefusals }: Deps,
  // biome-ignore lint/style/noProcessEnv: which variables hold the tokens is up to the surfaces file
  env: NodeJS.ProcessEnv = process.env,
): SenderApi {
  return {
    storeRequest: (request) => storeRequest(pool, request),
    async sourceTokens() {
      const tokens = (await sources.declared()).flatMap(({ id, tokenEnv }) => {
        const token = tokenEnv === undefined ? undefined : env[tokenEnv];
        // A file that an earlier release read may name a source of the console itself.
        return isUsable(token, config) && !isOwnSource(id) ? [{ source: id, token }] : [];
      });
      registerSecrets(tokens.map(({ token }) => token));
      return tokens;
    },
    sourceKind: async (source) => (await sources.declared()).find(({ id }) => id === source)?.kind ?? null,
    isDeclared: async (source) => (await sources.declared()).some(({ id }) => id === source),
    async sources(signal) {
      await flushRefusals();
      return listSources(pageReader(pagePool, signal), {
        publicUrl: config.publicUrl,
        tokenSources: config.ingestTokens.map(({ source }) => source),
      });
    },
    shadow: (signal) => listShadow(pageReader(pagePool, signal)),
    testSource: (id, by) => sendTest(pool, id, by),
  };
}
