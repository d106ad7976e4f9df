// Keeps an open page current: receives change events, fetches the new content and morphs it in place. Optional.
(() => {
  const main = document.getElementById('main');
  const prefixes = (main.dataset.live ?? '').split(' ').filter(Boolean);
  // The status page receives the ids of changed tiles; every other page the ids of changed actors.
  const isGrid = prefixes.includes('grid');
  const gridData = () => document.getElementById('as-of')?.dataset ?? {};

  // The server sends a beat every 15 s. After two missing beats the connection is dead.
  const SILENCE_MS = 35_000;
  const RETRY_MS = 2_000;
  const RETRY_FETCH_MS = 5_000;
  const MAX_AGE_MS = 86_400_000;
  // A short interruption, such as a deploy, shows no banner.
  const GRACE_MS = 3_000;
  // Checks that change no status send no event, but the page shows their times and latencies.
  const REFRESH_MS = isGrid ? Number(gridData().refresh) * 1_000 : 30_000;
  // For more tiles than this the whole page is fetched.
  const MAX_TILES = 60;

  let source = null;
  let watchdog = 0;
  let retry = 0;
  let grace = 0;
  let mayHaveMissed = false;
  let updatedAt = new Date();

  // Jitter, so that open pages do not all fetch at the same moment.
  const jitter = (ms) => ms * (0.75 + Math.random() / 2);

  // Elements marked `data-same` were not sent again and stay as they are.
  htmx.registerExtension('same', {
    htmx_before_morph_node: (_element, { newNode }) => !newNode.dataset || newNode.dataset.same === undefined,
  });

  // Fetching: the whole page, or the tiles that changed.

  const wanted = { page: false, frame: false, tiles: new Set(), asOf: '' };
  let fetching = false;
  let retryFetch = 0;

  function wantPage() {
    wanted.page = true;
    void fetchWanted();
  }

  // What surrounds the tiles: banners, counts and lists of tickets.
  function wantFrame() {
    if (isGrid) wanted.frame = true;
    else wanted.page = true;
    void fetchWanted();
  }

  function wantTiles({ ids, all, as_of }) {
    for (const id of ids) wanted.tiles.add(id);
    wanted.asOf = as_of;
    if (all || wanted.tiles.size > MAX_TILES) wanted.page = true;
    void fetchWanted();
  }

  const isWanted = () => wanted.page || wanted.frame || wanted.tiles.size > 0;

  function takeWanted() {
    const request = { page: wanted.page, tiles: [...wanted.tiles], asOf: wanted.asOf };
    wanted.page = false;
    wanted.frame = false;
    wanted.tiles.clear();
    return request;
  }

  function addressOf({ page, tiles, asOf }) {
    const url = new URL(location.href);
    url.hash = '';
    if (isGrid && asOf !== '') url.searchParams.set('as_of', asOf);
    if (!page) url.searchParams.set('tiles', tiles.join(',') || '.');
    return url;
  }

  async function fetchWanted() {
    if (fetching || !isWanted()) return;
    fetching = true;
    const request = takeWanted();
    try {
      const response = await fetch(addressOf(request), {
        headers: { 'HX-Request': 'true', Accept: 'text/html' },
        cache: 'no-store',
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status === 401) return location.reload();
      if (!response.ok) throw new Error(`status ${response.status}`);
      const text = await response.text();
      await htmx.swap({ sourceElement: main, target: main, text, swap: 'innerMorph' });
      // A tile marked as unchanged is missing on this page, so the whole page is needed.
      if (main.querySelector('[data-same]')) wanted.page = true;
      document.dispatchEvent(new Event('console:updated'));
      updatedAt = new Date();
      if (request.page) mayHaveMissed = false;
      if (source?.readyState === EventSource.OPEN) showLive();
    } catch {
      wanted.page ||= request.page;
      wanted.frame = true;
      for (const id of request.tiles) wanted.tiles.add(id);
      showLost();
      clearTimeout(retryFetch);
      retryFetch = setTimeout(() => void fetchWanted(), jitter(RETRY_FETCH_MS));
      return;
    } finally {
      fetching = false;
    }
    void fetchWanted();
  }

  // The event stream.

  function connect() {
    clearTimeout(retry);
    source?.close();
    // What changed while the page was under way is sent first.
    const since = isGrid
      ? `grid_since=${encodeURIComponent(gridData().asOf)}`
      : `age_ms=${Math.min(Math.round(performance.now()), MAX_AGE_MS)}`;
    source = new EventSource(`/console/events?${since}`);
    source.addEventListener('hello', (message) => {
      resetWatchdog();
      // For the grid the server sends an event with what was missed.
      if (!isGrid && (mayHaveMissed || JSON.parse(message.data).catch_up)) wantPage();
      else showLive();
    });
    source.addEventListener('beat', resetWatchdog);
    source.addEventListener('grid', (message) => {
      resetWatchdog();
      wantTiles(JSON.parse(message.data));
    });
    source.addEventListener('banners', (message) => {
      resetWatchdog();
      if (JSON.parse(message.data).digest !== document.getElementById('notices').dataset.digest) wantFrame();
    });
    source.addEventListener('signed-out', () => {
      disconnect();
      location.reload();
    });
    source.addEventListener('changed', (message) => {
      resetWatchdog();
      const { actors, many, flags } = JSON.parse(message.data);
      // A flag can affect any page. `many` means that the ids are not listed.
      if (flags || (!isGrid && (many || actors.some((id) => prefixes.some((prefix) => id.startsWith(prefix))))))
        wantPage();
    });
    source.addEventListener('error', reconnectLater);
  }

  function disconnect() {
    for (const timer of [watchdog, retry, grace]) clearTimeout(timer);
    grace = 0;
    source?.close();
    source = null;
    mayHaveMissed = true;
  }

  function resetWatchdog() {
    clearTimeout(watchdog);
    watchdog = setTimeout(reconnectLater, SILENCE_MS);
  }

  // Reconnects with the time that the page shows now; the browser would repeat the old address.
  function reconnectLater() {
    mayHaveMissed = true;
    source?.close();
    clearTimeout(watchdog);
    clearTimeout(retry);
    grace ||= setTimeout(showLost, GRACE_MS);
    retry = setTimeout(connect, jitter(RETRY_MS));
  }

  const showLost = () => liveIndicator.lost(updatedAt);

  function showLive() {
    clearTimeout(grace);
    grace = 0;
    liveIndicator.live();
  }

  // Browsers allow few connections per server, so a hidden page holds none.
  function connectIfVisible() {
    if (document.visibilityState === 'visible') connect();
    else disconnect();
  }

  if (prefixes.length > 0) {
    connectIfVisible();
    document.addEventListener('visibilitychange', connectIfVisible);
    // Signing out ends the stream; the reload on `signed-out` would interrupt the navigation.
    document.addEventListener('submit', (event) => {
      if (new URL(event.target.action).pathname === '/sign-out') disconnect();
    });
    window.addEventListener('pagehide', disconnect);
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) connectIfVisible();
    });
    setInterval(() => {
      if (document.visibilityState === 'visible') wantPage();
    }, jitter(REFRESH_MS));
  }
})();
