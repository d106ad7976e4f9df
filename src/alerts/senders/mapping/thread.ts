/**
 * What runs in the thread for mappings, as text: so it is the same from TypeScript, in tests and after a build. It takes
 * `{ mapping, body, bindings }`, and answers `{ json }` or `{ failure }`.
 */
export const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const jsonata = require(workerData.jsonata);
  const compiled = new Map();

  function compile(text) {
    const known = compiled.get(text);
    if (known) return known;
    const expression = jsonata(text, workerData.limits);
    if (compiled.size >= workerData.maxCompiled) compiled.clear();
    compiled.set(text, expression);
    return expression;
  }

  parentPort.on('message', async ({ mapping, body, bindings }) => {
    try {
      const json = JSON.stringify(await compile(mapping).evaluate(body, bindings));
      if (json !== undefined && json.length > workerData.maxOutput) throw new Error('Its result is too large');
      parentPort.postMessage({ json });
    } catch (error) {
      // Errors of JSONata are plain objects with a message.
      parentPort.postMessage({ failure: String(error?.message ?? error) });
    }
  });
  parentPort.postMessage('ready');
`;
