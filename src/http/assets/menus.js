// Closes an open menu of the navigation. Without scripts only its heading closes it, or the next menu.
(() => {
  const openMenu = () => document.querySelector('details.menu[open]');

  // The focus must not stay in what is hidden.
  document.addEventListener('keydown', (event) => {
    const menu = openMenu();
    if (event.key !== 'Escape' || menu === null) return;
    if (menu.contains(document.activeElement)) menu.querySelector('summary').focus();
    menu.open = false;
  });

  function closeUnlessIn(target) {
    const menu = openMenu();
    if (menu !== null && !menu.contains(target)) menu.open = false;
  }
  document.addEventListener('focusin', ({ target }) => closeUnlessIn(target));
  document.addEventListener('pointerdown', ({ target }) => closeUnlessIn(target));

  // The browser may show this page again as it was left.
  window.addEventListener('pagehide', () => closeUnlessIn(null));
})();
