// Says in place what a click on Investigate came to; htmx sends it. Without scripts it is a plain form.
(() => {
  const isInvestigate = (element) => element?.matches?.('.investigate form');

  function say(form, tone, text) {
    const said = document.createElement('p');
    said.className = `said ${tone}`;
    said.textContent = text;
    form.parentElement?.querySelector('.outcome')?.replaceChildren(said);
  }

  document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
    if (isInvestigate(ctx.sourceElement)) say(ctx.sourceElement, 'pending', 'Filing a ticket in FreeScout…');
  });

  document.addEventListener('htmx:after:request', ({ detail: { ctx } }) => {
    // A whole page here is that of a proxy which could not reach us.
    if (isInvestigate(ctx.sourceElement) && /<html/i.test(ctx.text)) {
      ctx.text =
        '<p class="said bad">The console could not be reached. Reload the page to see whether a ticket was filed.</p>';
    }
  });

  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    if (!isInvestigate(ctx?.sourceElement)) return;
    say(ctx.sourceElement, 'bad', 'No answer came. Reload the page to see whether a ticket was filed.');
  });

  document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
    if (!isInvestigate(ctx.sourceElement)) return;
    // The button was disabled while it waited, and what is disabled loses the focus.
    const button = ctx.sourceElement.querySelector('button');
    setTimeout(() => {
      if (document.activeElement === document.body) button?.focus({ preventScroll: true });
    });
  });
})();
