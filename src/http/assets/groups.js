// Remembers which groups of the status page are collapsed. Without scripts every group is open at first.
(() => {
  const KEY = 'collapsed-groups';
  const collapsed = new Set(read());

  function read() {
    try {
      return JSON.parse(localStorage.getItem(KEY) ?? '[]');
    } catch {
      // The storage is turned off, or holds something else.
      return [];
    }
  }

  // An update may have replaced a group.
  function apply() {
    for (const group of document.querySelectorAll('details.group')) group.open = !collapsed.has(group.dataset.group);
  }

  function remember({ target }) {
    if (!target.matches?.('details.group')) return;
    if (target.open) collapsed.delete(target.dataset.group);
    else collapsed.add(target.dataset.group);
    try {
      localStorage.setItem(KEY, JSON.stringify([...collapsed]));
    } catch {
      // Then it is remembered as long as the page is open.
    }
  }

  apply();
  document.addEventListener('toggle', remember, true);
  document.addEventListener('console:updated', apply);
})();
