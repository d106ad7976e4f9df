// Shows whether an open page receives updates.
window.liveIndicator = (() => {
  const indicator = document.getElementById('live');
  const lostBanner = document.getElementById('link-lost');
  const lostSince = document.getElementById('link-lost-since');

  function show(state, word) {
    indicator.hidden = false;
    indicator.dataset.state = state;
    document.getElementById('live-word').textContent = word;
  }

  return {
    lost(updatedAt) {
      show('lost', 'Not live');
      if (!lostBanner.hidden) return;
      lostSince.textContent = `at ${updatedAt.toISOString().slice(11, 19)} UTC`;
      lostBanner.hidden = false;
    },
    live() {
      show('live', 'Live');
      lostBanner.hidden = true;
    },
  };
})();
