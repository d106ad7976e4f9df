import { createHmac } from 'node:crypto';
import { fetchWithin } from '../../lib/fetchWithin.ts';
import type { SandboxLog } from '../httpListener.ts';
import type { Entities } from './entities.ts';
import { type Input, listOf, textOf } from './jsonInput.ts';
import {
  type Conversation,
  type Customer,
  EVENTS,
  type FreeScoutData,
  type Webhook,
  type WebhookEvent,
} from './model.ts';
import { badField, missing, notFound } from './refusal.ts';

interface Deps {
  data: FreeScoutData;
  entities: Entities;
  secret: string;
  log?: SandboxLog | undefined;
  /** The interval of the real cron job, in milliseconds. */
  roundMs: number;
  /** Origins; null: any program of this machine. */
  targets: string[] | null;
}

export interface Delivery {
  event: WebhookEvent;
  url: string;
  body: string;
  attempts: number;
  delivered: boolean;
}

const MAX_ATTEMPTS = 10;
const TIMEOUT_MS = 30_000;

/** The registered webhooks and their deliveries: a signed snapshot, attempted up to ten times. */
export function createWebhooks({ data, entities, secret, log, roundMs, targets }: Deps) {
  const deliveries: Delivery[] = [];
  const running = new Set<Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  function emit(event: WebhookEvent, subject: Conversation | Customer): void {
    for (const webhook of data.webhooks) {
      if (!webhook.events.includes(event) || !isAllowed(webhook.url)) continue;
      const delivery = {
        event,
        url: webhook.url,
        body: phpJson(snapshot(event, subject)),
        attempts: 0,
        delivered: false,
      };
      deliveries.push(delivery);
      if (deliveries.length > 500) deliveries.shift();
      attempt(delivery);
    }
  }

  /** A web page that reaches the API must not make this process send requests to other programs. */
  function isAllowed(url: string): boolean {
    return isLoopback(url) && (targets === null || targets.includes(new URL(url).origin));
  }

  function snapshot(event: WebhookEvent, subject: Conversation | Customer): object {
    if (!('threads' in subject)) return entities.customer(subject);
    const conversation = entities.conversation(subject, { threads: true, tags: false });
    // The real snapshot is taken before the thread count of a new conversation is saved.
    return event === 'convo.created' ? { ...conversation, threadsCount: 0 } : conversation;
  }

  function attempt(delivery: Delivery): void {
    delivery.attempts += 1;
    const sending = send(delivery).then((delivered) => {
      running.delete(sending);
      delivery.delivered = delivered;
      if (!delivered && delivery.attempts < MAX_ATTEMPTS && !stopped) retry(delivery);
    });
    running.add(sending);
  }

  function retry(delivery: Delivery): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        attempt(delivery);
      },
      Math.max(1, (delivery.attempts - 1) * 2) * roundMs,
    );
    timer.unref();
    timers.add(timer);
  }

  async function send({ event, url, body }: Delivery): Promise<boolean> {
    const headers = {
      'Content-Type': 'application/json',
      'X-FreeScout-Event': event,
      'X-FreeScout-Signature': createHmac('sha1', secret).update(body).digest('base64'),
    };
    try {
      const { status } = await fetchWithin(TIMEOUT_MS, url, { method: 'POST', headers, body });
      return status >= 200 && status < 300;
    } catch (error) {
      log?.debug({ err: error }, 'sandbox webhook not delivered');
      return false;
    }
  }

  function add(url: string, events: readonly string[]): Webhook {
    data.lastId.webhook += 1;
    const webhook = { id: data.lastId.webhook, url, events: [...events] };
    data.webhooks.push(webhook);
    return webhook;
  }

  /** `POST /webhooks`. Unknown events are dropped; only addresses of the console are accepted, or of this machine. */
  function register(input: Input): Webhook {
    for (const name of ['url', 'events']) if (!(name in input)) throw missing(name);
    const url = textOf(input.url) ?? '';
    const events = EVENTS.filter((event) => listOf(input.events)?.includes(event));
    if (events.length === 0) throw badField('events', 'No valid events');
    if (!isAllowed(url)) throw badField('url', 'Domain or IP address is not allowed');
    return add(url, events);
  }

  return {
    emit,
    register,
    add,
    deliveries,
    remove(id: number | null): void {
      const index = data.webhooks.findIndex((webhook) => webhook.id === id);
      if (index < 0) throw notFound();
      data.webhooks.splice(index, 1);
    },
    /** Resolves once no delivery is being sent; one that waits for its next attempt does not count. */
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
    stop(): void {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

/** JSON as PHP writes it: slashes escaped, ASCII only. The signature covers exactly these bytes. */
export function phpJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
