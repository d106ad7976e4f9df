/** Asks once and remembers the answer for so long, shared by all who ask meanwhile. A failure is nobody's answer for later. */
export function memoizeFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let known: { answer: Promise<T>; until: number } | undefined;
  return () => {
    if (known && performance.now() < known.until) return known.answer;
    const mine = { answer: ask(), until: performance.now() + ms };
    known = mine;
    mine.answer.catch(() => {
      if (known === mine) known = undefined;
    });
    return mine.answer;
  };
}
