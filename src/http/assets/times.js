// Keeps relative times such as `12 min ago` current while a page stays open, and puts the local time beside UTC.
(() => {
  const STEPS = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];

  function duration(seconds) {
    const first = STEPS.findIndex(([, size]) => seconds >= size);
    if (first < 0) return '0 s';
    let left = seconds;
    const words = [];
    for (const [unit, size] of STEPS.slice(first, first + (first < 2 ? 2 : 1))) {
      const count = Math.floor(left / size);
      left -= count * size;
      if (count > 0) words.push(`${count} ${unit}`);
    }
    return words.join(' ');
  }

  function relative(seconds) {
    if (seconds < 0) return `in ${duration(-seconds)}`;
    return seconds < 1 ? 'just now' : `${duration(seconds)} ago`;
  }

  // Local time, with the date if it is another one, and the zone. Nothing if the local time is UTC.

  const CLOCK = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  const DATE = new Intl.DateTimeFormat('sv-SE');

  function localText(iso) {
    const at = new Date(iso);
    if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) return '';
    const day = DATE.format(at);
    const clock = CLOCK.format(at);
    return (day === iso.slice(0, 10) ? clock : `${day} ${clock}`).replaceAll(' ', '\u00a0');
  }

  function showLocal() {
    for (const time of document.querySelectorAll('time')) {
      const local = localText(time.dateTime);
      if (local === '') continue;
      if (time.dataset.local !== local) time.dataset.local = local;
      if (time.title !== '' && !time.title.includes(local)) time.title = `${time.title} (${local})`;
    }
    const note = document.getElementById('time-zone');
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (note && new Date().getTimezoneOffset() !== 0)
      note.textContent = ` The small times beside them are yours (${zone}).`;
  }

  function tick() {
    const now = Date.now();
    for (const time of document.querySelectorAll('time[data-relative]')) {
      const seconds = Math.round((now - Date.parse(time.dateTime)) / 1000);
      const text = time.dataset.relative === 'for' ? duration(seconds) : relative(seconds);
      if (time.textContent !== text) time.textContent = text;
    }
  }
  setInterval(tick, 10_000);
  showLocal();
  document.addEventListener('console:updated', showLocal);
})();
