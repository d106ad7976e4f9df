// Closes an open menu of the navigation. Without scripts only its heading closes it, or the next menu.
(() => {
  const openMenu = () => document.querySelector('details.menu[open]');
  const navigation = document.getElementById('navigation');
  const button = document.querySelector('[popovertarget="navigation"]');

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
  document.addEventListener('pointerdown', ({ target }) => closeUnlessIn(target));

  // On a narrow screen the navigation is a popover. The browser itself closes it with Escape and by a press elsewhere.
  function closePopoverUnlessIn(target) {
    if (target !== button && !navigation?.contains(target)) navigation?.hidePopover?.();
  }
  document.addEventListener('focusin', ({ target }) => {
    closeUnlessIn(target);
    closePopoverUnlessIn(target);
  });

  // The browser may show this page again as it was left.
  window.addEventListener('pagehide', () => {
    closeUnlessIn(null);
    closePopoverUnlessIn(null);
  });
})();
