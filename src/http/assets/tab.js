// The tab of the status page: its title and icon tell what is down, also in the background, and a notification if wanted.
(() => {
  const icon = document.querySelector('link[rel="icon"]');
  const button = document.getElementById('notify');
  const shown = () => document.getElementById('as-of')?.dataset ?? {};
  if (shown().down === undefined) return;

  const POLL_MS = 15_000;
  const TITLE = document.title.replace(/^.* · (?=[^·]+ · [^·]+$)/, '');
  const KEY = 'notify';
  let poll = 0;
  let known = Number(shown().down);
  let failed = false;
  let wanted = readWanted();

  // The title and icon.

  function show(prefix, look) {
    const title = prefix === '' ? TITLE : `${prefix} · ${TITLE}`;
    if (document.title !== title) document.title = title;
    if (icon.getAttribute('href') !== icon.dataset[look]) icon.href = icon.dataset[look];
  }

  function showCounts({ down, degraded }) {
    const parts = [down > 0 ? `${down} down` : '', degraded > 0 ? `${degraded} degraded` : ''].filter(Boolean);
    show(parts.join(', '), down > 0 ? 'down' : degraded > 0 ? 'degraded' : 'calm');
    if (down > known) notify(`${down} down`);
    known = down;
  }

  // In the background: the page itself is not updated, so only the counts are read.

  const isHidden = () => document.visibilityState === 'hidden';

  function pollLater() {
    clearTimeout(poll);
    if (isHidden()) poll = setTimeout(() => void readCounts(), POLL_MS);
  }

  async function readCounts() {
    try {
      const response = await fetch('/console/status/counts', {
        headers: { 'HX-Request': 'true', Accept: 'application/json' },
        cache: 'no-store',
        signal: AbortSignal.timeout(10_000),
      });
      if (!isHidden()) return;
      failed = response.status !== 200;
      if (response.status === 401) return show('Signed out', 'unknown');
      if (failed) throw new Error(`status ${response.status}`);
      const { counts } = await response.json();
      showCounts({ down: counts.DOWN, degraded: counts.DEGRADED });
    } catch {
      // Nothing is known now, which must not look as if all were well.
      failed = true;
      if (isHidden()) show('Not live', 'unknown');
    }
    pollLater();
  }

  document.addEventListener('visibilitychange', () => {
    pollLater();
    // What changed meanwhile follows with the next update of the page.
    if (!isHidden() && failed) showPage();
  });

  // The page itself.

  function showPage() {
    failed = false;
    showCounts({ down: Number(shown().down), degraded: Number(shown().degraded) });
  }
  document.addEventListener('console:updated', showPage);

  // Notifications.

  const isOn = () => wanted && 'Notification' in window && Notification.permission === 'granted';

  function readWanted() {
    try {
      return localStorage.getItem(KEY) === 'on';
    } catch {
      // The storage is turned off.
      return false;
    }
  }

  function notify(text) {
    if (!isOn() || (!isHidden() && document.hasFocus())) return;
    try {
      // The next one replaces it, and is announced as well.
      const notification = new Notification(text, { body: TITLE, tag: 'auto-ticketing-down', renotify: true });
      notification.onclick = () => window.focus();
    } catch {
      // Browsers of phones show notifications of service workers only.
    }
  }

  function showButton() {
    const isDenied = Notification.permission === 'denied';
    button.hidden = false;
    button.setAttribute('aria-pressed', String(isOn()));
    button.title = isDenied
      ? 'This browser blocks notifications of this site.'
      : 'Shows a notification when a surface goes down.';
  }

  showPage();
  pollLater();
  if (!button || !('Notification' in window)) return;
  button.addEventListener('click', async () => {
    wanted = !isOn();
    if (wanted && Notification.permission !== 'granted') await Notification.requestPermission();
    try {
      localStorage.setItem(KEY, wanted ? 'on' : 'off');
    } catch {
      // Then it is remembered as long as the page is open.
    }
    showButton();
  });
  showButton();
})();
