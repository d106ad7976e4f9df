// Shows the progress and the result of Investigate in place; htmx sends the request. Without scripts it is a plain button.
(() => {
  const isInvestigate = (element) => element?.matches?.('.investigate button');

  function showResult(button, tone, text) {
    const result = document.createElement('p');
    result.className = `result ${tone}`;
    result.textContent = text;
    button.parentElement?.querySelector('.outcome')?.replaceChildren(result);
  }

  document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
    if (isInvestigate(ctx.sourceElement)) showResult(ctx.sourceElement, 'pending', 'Filing a ticket in FreeScout…');
  });

  document.addEventListener('htmx:after:request', ({ detail: { ctx } }) => {
    // A whole page is the error page of a proxy that could not reach the console.
    if (isInvestigate(ctx.sourceElement) && /<html/i.test(ctx.text)) {
      ctx.text =
        '<p class="result bad">The console could not be reached. Reload the page to see whether a ticket was filed.</p>';
    }
  });

  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    if (!isInvestigate(ctx?.sourceElement)) return;
    showResult(ctx.sourceElement, 'bad', 'No response. Reload the page to see whether a ticket was filed.');
  });

  document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
    if (!isInvestigate(ctx.sourceElement)) return;
    // The button lost the focus while it was disabled.
    setTimeout(() => {
      if (document.activeElement === document.body) ctx.sourceElement.focus({ preventScroll: true });
    });
  });
})();
