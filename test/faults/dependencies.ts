import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';
import type { Answer, Call } from './calls.ts';
import {
  drawn,
  type FaultLevel,
  FREESCOUT_ODDS,
  type FreeScoutCall,
  LOSES_THE_ANSWER,
  SLACK_ODDS,
  type SlackCall,
} from './faultMix.ts';
import { type Create, count, type Ledger } from './ledger.ts';
import { type Names, startNames } from './names.ts';
import { type FaultProxy, startFaultProxy } from './proxy.ts';
import type { Random } from './random.ts';
import { createTickets, type Tickets } from './tickets.ts';

/** What the program depends on: a FreeScout and a Slack, each behind a fault proxy, and services to watch. */
export interface Dependencies {
  freescout: Awaited<ReturnType<typeof startSandboxFreeScout>>;
  slack: Awaited<ReturnType<typeof startSandboxSlack>>;
  services: Awaited<ReturnType<typeof startSandboxServices>>;
  freescoutProxy: FaultProxy;
  slackProxy: FaultProxy;
  tickets: Tickets;
  names: Names;
  setFaultLevel(level: FaultLevel): void;
  /** Whether faults of calls are enabled at this moment. */
  isFaulty(): boolean;
  stop(): Promise<void>;
}

export interface DependenciesOptions {
  ledger: Ledger;
  random(what: string): Random;
  freescoutTimeoutMs: number;
  surfaceIds: readonly string[];
  /** Every look-up by marker finds nothing, as if the program made none (a control run). */
  blindLookUp: boolean;
}

const MARKER = /AT-[0-9A-Z]{10}/;
/** The timeout of the program's Slack client. */
const SLACK_TIMEOUT_MS = 10_000;

export async function startDependencies({
  ledger,
  random,
  freescoutTimeoutMs,
  surfaceIds,
  blindLookUp,
}: DependenciesOptions): Promise<Dependencies> {
  let level: FaultLevel = 'off';
  const isFaulty = () => level !== 'off';
  const freescout = await startSandboxFreeScout({ apiKey: 'faults-key-000000000000000000000' });
  const slack = await startSandboxSlack({ token: 'xoxb-faults-token', userId: 'U0FAULTS' });
  const services = await startSandboxServices({ surfaces: surfaceIds.map(surface) });
  const tickets = createTickets();
  const names = await startNames(ledger);

  const freescoutRandom = random('desk');
  const freescoutProxy = await startFaultProxy({
    target: freescout.url,
    callerTimeoutMs: freescoutTimeoutMs,
    kindOf: freescoutCall,
    draw: (kind) => (level === 'off' ? null : drawn(freescoutRandom, FREESCOUT_ODDS[level][kind as FreeScoutCall])),
    isFaulty,
    roll: freescoutRandom.next,
    ...(blindLookUp
      ? { alter: (call: Call, answer: Answer) => (call.kind === 'look' ? nothingFound(answer) : null) }
      : {}),
    onEffect(call) {
      const create = call.kind === 'create' ? createOf(call) : null;
      if (!create) return;
      ledger.creates.push(create);
      tickets.created(create);
    },
    onEnd(call) {
      const sought = call.kind === 'look' && call.delivered ? MARKER.exec(call.url)?.[0] : undefined;
      if (sought) {
        const look = { at: call.effectAt ?? call.receivedAt, answeredAt: Date.now() };
        ledger.lookUps.set(sought, [...(ledger.lookUps.get(sought) ?? []), look]);
      }
      const marker = call.kind === 'note' && isLost(call) ? /<!-- (.*?) -->/.exec(call.body)?.[1] : undefined;
      if (marker) count(ledger.lost.notes, marker);
    },
  });

  const slackRandom = random('slack');
  const slackProxy = await startFaultProxy({
    target: slack.url,
    callerTimeoutMs: SLACK_TIMEOUT_MS,
    kindOf: slackCall,
    draw: (kind) => (level === 'off' ? null : drawn(slackRandom, SLACK_ODDS.normal[kind as SlackCall])),
    isFaulty,
    roll: slackRandom.next,
    onEnd(call) {
      const marker = call.kind === 'post' && isLost(call) ? messageMarker(call.body) : undefined;
      if (marker) count(ledger.lost.messages, marker);
    },
  });

  return {
    freescout,
    slack,
    services,
    freescoutProxy,
    slackProxy,
    tickets,
    names,
    setFaultLevel(next) {
      level = next;
    },
    isFaulty,
    async stop() {
      await names.stop();
      await Promise.all([freescoutProxy.stop(), slackProxy.stop()]);
      await Promise.all([freescout.stop(), slack.stop(), services.stop()]);
    },
  };
}

const surface = (id: string) => ({
  id,
  name: `Service ${id}`,
  group: 'Faults',
  severity: { degraded: 'P2', down: 'P1' } as const,
});

function freescoutCall(method: string, url: string): FreeScoutCall {
  const path = url.split('?', 1)[0] ?? '';
  if (method === 'POST') return path.endsWith('/threads') ? 'note' : 'create';
  if (method === 'PUT') return 'tag';
  if (/^\/api\/conversations\/\d+/.test(path)) return 'read';
  if (path === '/api/conversations') return url.includes('subject=AT-') ? 'look' : 'list';
  return 'check';
}

const SLACK_KINDS: Record<string, SlackCall> = {
  'chat.postMessage': 'post',
  'chat.update': 'update',
  'conversations.history': 'history',
  'conversations.replies': 'history',
};
const slackCall = (_method: string, url: string): SlackCall =>
  SLACK_KINDS[/^\/api\/([\w.]+)/.exec(url)?.[1] ?? ''] ?? 'open';

/** Whether it took effect and the caller cannot know. */
const isLost = (call: Call): boolean =>
  call.effectAt !== null && (!call.delivered || (call.fault !== null && LOSES_THE_ANSWER.has(call.fault)));

function createOf({ body, answer, receivedAt, effectAt }: Call): Create | null {
  if (answer?.status !== 201) return null;
  const { subject } = JSON.parse(body) as { subject: string };
  const marker = MARKER.exec(subject)?.[0] ?? '';
  return {
    ticketId: Number(answer.headers['resource-id']),
    marker,
    subject,
    receivedAt,
    effectAt: effectAt ?? receivedAt,
  };
}

function messageMarker(body: string): string | undefined {
  const metadata = new URLSearchParams(body).get('metadata');
  return metadata === null
    ? undefined
    : (JSON.parse(metadata) as { event_payload?: { marker?: string } }).event_payload?.marker;
}

const nothingFound = (answer: Answer): Answer => ({
  ...answer,
  body: Buffer.from(
    '{"_embedded":{"conversations":[]},"page":{"size":50,"totalElements":0,"totalPages":1,"number":1}}',
  ),
});
