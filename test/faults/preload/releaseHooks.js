/** Loads `nextRelease.js` in place of the modules of the program that differ in a later release. */

const REPLACED = ['app/machineRegistry.js', 'app/effectHandlers.js'].map(
  (name) => new URL(`../../../dist/src/${name}`, import.meta.url).href,
);
const next = new URL('nextRelease.js', import.meta.url);

export function initialize({ release }) {
  next.searchParams.set('release', release);
}

export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  // It imports the modules that it replaces.
  const isReplaced = REPLACED.includes(resolved.url) && context.parentURL !== next.href;
  return isReplaced ? { ...resolved, url: next.href } : resolved;
}
