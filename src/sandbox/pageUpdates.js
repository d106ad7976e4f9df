// Replaces the page's content when the sandbox reports a change, unless a form field has the focus.
const events = new EventSource('/events');
let stale = false;

const busy = () => {
  const at = document.activeElement;
  return at !== null && (at.matches('input, textarea, select') || document.querySelector('details[open]') !== null);
};

const refresh = async () => {
  if (busy()) {
    stale = true;
    return;
  }
  stale = false;
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
  const main = document.querySelector('main');
  if (!fresh || !main || fresh.innerHTML === main.innerHTML) return;
  const focused = document.activeElement?.id;
  main.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
};

events.onmessage = () => void refresh().catch(() => undefined);
document.addEventListener('focusout', () => setTimeout(() => stale && void refresh().catch(() => undefined), 200));
