import type { Environment } from './environment.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import { API_SOURCES, ONCE, WEBHOOK_SOURCES } from './sources.ts';
import { createApiTransport, type Transport } from './transport.ts';
import { createWebhookTransport } from './webhooks/webhookTransport.ts';

/** The way of each source to the program. */
export function createTransports(
  { webs, gateways, tokens }: Pick<Environment, 'webs' | 'gateways' | 'tokens'>,
  ledger: Ledger,
  random: (what: string) => Random,
): Map<string, Transport> {
  const common = (source: string) => ({ ledger, random: random(`sender ${source}`) });
  const token = (source: string) => tokens.get(source) ?? '';
  return new Map<string, Transport>([
    ...API_SOURCES.map((source): [string, Transport] => [
      source,
      createApiTransport({ ...common(source), source, token: token(source), webs, tellsTime: source === ONCE }),
    ]),
    ...Object.entries(WEBHOOK_SOURCES).map(([source, sender]): [string, Transport] => [
      source,
      createWebhookTransport({
        ...common(source),
        ...{ sender, to: { source, token: token(source) }, gateways: gateways.urls },
      }),
    ]),
  ]);
}
