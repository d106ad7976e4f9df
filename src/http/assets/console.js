// Keeps an open page current: hears what changed, fetches that anew and morphs it in place. Pages work without it.
(() => {
  const main = document.getElementById('main');
  const lamp = document.getElementById('live');
  const lost = document.getElementById('link-lost');
  const lostSince = document.getElementById('link-lost-since');
  const watched = (main.dataset.live ?? '').split(' ').filter(Boolean);
  // The grid is told which of its tiles changed; every other page which actors did.
  const isGrid = watched.includes('grid');
  const gridFacts = () => document.getElementById('as-of')?.dataset ?? {};

  // Beats come every 15 s: without two of them the link is dead, whatever the browser believes.
  const SILENCE_MS = 35_000;
  const RETRY_MS = 2_000;
  const RETRY_FETCH_MS = 5_000;
  // A deploy or a short hiccup is not worth a banner.
  const GRACE_MS = 3_000;
  // Checks that change nothing are not announced, yet the page says when the last one was.
  const REFRESH_MS = isGrid ? Number(gridFacts().refresh) * 1_000 : 30_000;
  // More tiles than this are fetched as the whole page.
  const MOST_TILES = 60;

  let source = null;
  let watchdog = 0;
  let retry = 0;
  let grace = 0;
  let missedSomething = false;
  let knownAt = new Date();

  // Not all pages at the same moment when a server comes back or the clock strikes.
  const spread = (ms) => ms * (0.75 + Math.random() / 2);

  // What is named here and not sent stays as it is.
  htmx.registerExtension('same', {
    htmx_before_morph_node: (_element, { newNode }) => !newNode.dataset || newNode.dataset.same === undefined,
  });

  // Fetching anew: the whole page, or the tiles that changed.

  const wanted = { page: false, tiles: new Set(), asOf: '' };
  let fetching = false;
  let retryFetch = 0;

  function wantPage() {
    wanted.page = true;
    void fetchWanted();
  }

  function wantTiles({ ids, all, as_of }) {
    for (const id of ids) wanted.tiles.add(id);
    wanted.asOf = as_of;
    if (all || wanted.tiles.size > MOST_TILES) wanted.page = true;
    void fetchWanted();
  }

  const isWanted = () => wanted.page || wanted.tiles.size > 0;

  function take() {
    const taken = { page: wanted.page, tiles: [...wanted.tiles], asOf: wanted.asOf };
    wanted.page = false;
    wanted.tiles.clear();
    return taken;
  }

  function addressOf({ page, tiles, asOf }) {
    const url = new URL(location.href);
    url.hash = '';
    if (isGrid && asOf !== '') url.searchParams.set('as_of', asOf);
    if (!page) url.searchParams.set('tiles', tiles.join(','));
    return url;
  }

  async function fetchWanted() {
    if (fetching || !isWanted()) return;
    fetching = true;
    const taken = take();
    try {
      const response = await fetch(addressOf(taken), {
        headers: { 'HX-Request': 'true', Accept: 'text/html' },
        cache: 'no-store',
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status === 401) return location.reload();
      if (!response.ok) throw new Error(`answered ${response.status}`);
      const text = await response.text();
      await htmx.swap({ sourceElement: main, target: main, text, swap: 'innerMorph' });
      // Named as unchanged, and yet not here: then nothing less than the page will do.
      if (main.querySelector('[data-same]')) wanted.page = true;
      knownAt = new Date();
      if (taken.page) missedSomething = false;
      if (source?.readyState === EventSource.OPEN) linkIsBack();
    } catch {
      wanted.page ||= taken.page;
      for (const id of taken.tiles) wanted.tiles.add(id);
      linkIsLost();
      clearTimeout(retryFetch);
      retryFetch = setTimeout(() => void fetchWanted(), spread(RETRY_FETCH_MS));
      return;
    } finally {
      fetching = false;
    }
    void fetchWanted();
  }

  // The live link.

  function connect() {
    clearTimeout(retry);
    source?.close();
    const since = gridFacts().asOf;
    source = new EventSource(isGrid ? `/console/events?grid_since=${encodeURIComponent(since)}` : '/console/events');
    source.addEventListener('hello', (message) => {
      heard();
      // The grid is told by the server what it missed.
      if (!isGrid && (missedSomething || JSON.parse(message.data).catch_up)) wantPage();
      else linkIsBack();
    });
    source.addEventListener('beat', heard);
    source.addEventListener('grid', (message) => {
      heard();
      wantTiles(JSON.parse(message.data));
    });
    source.addEventListener('signed-out', () => {
      disconnect();
      location.reload();
    });
    source.addEventListener('changed', (message) => {
      heard();
      const { actors, many, flags } = JSON.parse(message.data);
      // A flip of a flag may show anywhere, and nobody knows what changed while the console itself heard nothing.
      if (flags || (!isGrid && (many || actors.some((id) => watched.some((prefix) => id.startsWith(prefix))))))
        wantPage();
    });
    source.addEventListener('error', broken);
  }

  function disconnect() {
    for (const timer of [watchdog, retry, grace]) clearTimeout(timer);
    grace = 0;
    source?.close();
    source = null;
    missedSomething = true;
  }

  function heard() {
    clearTimeout(watchdog);
    watchdog = setTimeout(broken, SILENCE_MS);
  }

  // The browser would come back to where it was before; we come back to what the page shows by now.
  function broken() {
    missedSomething = true;
    source?.close();
    clearTimeout(watchdog);
    clearTimeout(retry);
    grace ||= setTimeout(linkIsLost, GRACE_MS);
    retry = setTimeout(connect, spread(RETRY_MS));
  }

  function linkIsLost() {
    show('lost', 'Not live');
    if (!lost.hidden) return;
    lostSince.textContent = `at ${knownAt.toISOString().slice(11, 19)} UTC`;
    lost.hidden = false;
  }

  function linkIsBack() {
    clearTimeout(grace);
    grace = 0;
    show('live', 'Live');
    lost.hidden = true;
  }

  function show(state, word) {
    lamp.hidden = false;
    lamp.dataset.state = state;
    document.getElementById('live-word').textContent = word;
  }

  // Browsers allow few connections to one server, so a page that nobody looks at holds none.
  function attend() {
    if (document.visibilityState === 'visible') connect();
    else disconnect();
  }

  if (watched.length > 0) {
    attend();
    document.addEventListener('visibilitychange', attend);
    // Who leaves must not be told so by a reload that gets in the way of leaving.
    document.addEventListener('submit', (event) => {
      if (new URL(event.target.action).pathname === '/sign-out') disconnect();
    });
    window.addEventListener('pagehide', disconnect);
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) attend();
    });
    setInterval(() => {
      if (document.visibilityState === 'visible') wantPage();
    }, spread(REFRESH_MS));
  }
})();
