import { createHash } from 'node:crypto';
import type { Banner } from '../model/operations.ts';

/** Tells open pages that the banners have changed. */
export interface BannerFeed {
  /** Digest of the banners as last read; null before the first read. */
  digest(): string | null;
  /** What just changed may change a banner. */
  touch(): void;
  stop(): void;
}

interface BannerFeedDeps {
  read(): Promise<readonly Banner[]>;
  /** Whether a page is open. */
  isWatched(): boolean;
  onChange(digest: string): void;
}

/** No notification reports that a worker is missing, or how long something has waited. */
const READ_EVERY_MS = 5_000;
const READ_AT_MOST_EVERY_MS = 2_000;
/** One transaction sends several notifications. */
const DEBOUNCE_MS = 200;

export const bannersDigest = (banners: readonly Banner[]): string =>
  createHash('sha256').update(JSON.stringify(banners)).digest('hex').slice(0, 12);

export function createBannerFeed({ read, isWatched, onChange }: BannerFeedDeps): BannerFeed {
  let latest: string | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let pending: NodeJS.Timeout | undefined;
  const timer = setInterval(touch, READ_EVERY_MS);
  timer.unref();

  function touch(): void {
    if (!isWatched()) return;
    pending ??= setTimeout(
      () => {
        pending = undefined;
        // Pages show by themselves that they get no updates; the next read follows in some seconds.
        look().catch(() => undefined);
      },
      Math.max(DEBOUNCE_MS, readAt + READ_AT_MOST_EVERY_MS - performance.now()),
    );
    pending.unref();
  }

  async function look(): Promise<void> {
    readAt = performance.now();
    const digest = bannersDigest(await read());
    if (digest === latest) return;
    latest = digest;
    onChange(digest);
  }

  return {
    digest: () => latest,
    touch,
    stop() {
      clearInterval(timer);
      clearTimeout(pending);
    },
  };
}
