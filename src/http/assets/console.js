// Keeps an open page current: hears what changed, fetches the page anew and morphs it in place. Pages work without it.
(() => {
  const main = document.getElementById('main');
  const lamp = document.getElementById('live');
  const lost = document.getElementById('link-lost');
  const lostSince = document.getElementById('link-lost-since');
  const watched = (main.dataset.live ?? '').split(' ').filter(Boolean);

  // Beats come every 15 s: without two of them the link is dead, whatever the browser believes.
  const SILENCE_MS = 35_000;
  const RETRY_MS = 5_000;
  // A deploy or a short hiccup is not worth a banner.
  const GRACE_MS = 3_000;
  // Checks that change nothing are not announced, yet the page says when the last one was.
  const REFRESH_MS = 30_000;

  let source = null;
  let watchdog = 0;
  let retry = 0;
  let grace = 0;
  let missedSomething = false;
  let knownAt = new Date();

  // Fetching the page anew.

  let fetching = false;
  let fetchAgain = false;
  let retryRefresh = 0;

  async function refresh() {
    if (fetching) {
      fetchAgain = true;
      return;
    }
    fetching = true;
    try {
      const response = await fetch(location.href, {
        headers: { 'HX-Request': 'true', Accept: 'text/html' },
        cache: 'no-store',
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status === 401) return location.reload();
      if (!response.ok) throw new Error(`answered ${response.status}`);
      const text = await response.text();
      await htmx.swap({ sourceElement: main, target: main, text, swap: 'innerMorph' });
      knownAt = new Date();
      missedSomething = false;
      if (source?.readyState === EventSource.OPEN) linkIsBack();
    } catch {
      linkIsLost();
      clearTimeout(retryRefresh);
      retryRefresh = setTimeout(() => void refresh(), RETRY_MS);
    } finally {
      fetching = false;
      if (fetchAgain) {
        fetchAgain = false;
        void refresh();
      }
    }
  }

  // The live link.

  function connect() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource('/console/events');
    source.addEventListener('hello', (message) => {
      heard();
      if (missedSomething || JSON.parse(message.data).catch_up) void refresh();
      else linkIsBack();
    });
    source.addEventListener('beat', heard);
    source.addEventListener('changed', (message) => {
      heard();
      const { actors, many, flags } = JSON.parse(message.data);
      // A flip of a flag may show anywhere, and nobody knows what changed while the console itself heard nothing.
      if (many || flags || actors.some((id) => watched.some((prefix) => id.startsWith(prefix)))) void refresh();
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
    watchdog = setTimeout(() => {
      source?.close();
      broken();
    }, SILENCE_MS);
  }

  function broken() {
    missedSomething = true;
    clearTimeout(watchdog);
    grace ||= setTimeout(linkIsLost, GRACE_MS);
    // The browser tries again by itself unless it was refused.
    if (source?.readyState === EventSource.CLOSED) {
      clearTimeout(retry);
      retry = setTimeout(connect, RETRY_MS);
    }
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
    window.addEventListener('pagehide', disconnect);
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) attend();
    });
    setInterval(() => void refresh(), REFRESH_MS);
  }
})();
