// Keeps relative times such as `12 min ago` current while a page stays open.
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

  function tick() {
    const now = Date.now();
    for (const time of document.querySelectorAll('time[data-relative]')) {
      const seconds = Math.round((now - Date.parse(time.dateTime)) / 1000);
      const text = time.dataset.relative === 'for' ? duration(seconds) : relative(seconds);
      if (time.textContent !== text) time.textContent = text;
    }
  }
  setInterval(tick, 10_000);
})();
