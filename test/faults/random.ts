/** Pseudo-random numbers. The same seed gives the same numbers on every machine. */
export interface Random {
  /** 0 or more, less than 1. */
  next(): number;
  between(low: number, high: number): number;
  /** An integer, both ends included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the names, with a probability in proportion to its weight. Throws when the sum of the weights is 0. */
  weighted<Name extends string>(weights: Readonly<Partial<Record<Name, number>>>): Name;
  hex(length: number): string;
}

/**
 * A generator (sfc32) for one purpose. Each purpose has a seed text of its own, so that its numbers do not depend on how
 * many numbers another purpose draws.
 */
export function createRandom(seed: string): Random {
  let [a, b, c, d] = mixed(seed);

  function next(): number {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4_294_967_296;
  }
  // The first numbers still resemble the seed.
  for (let n = 0; n < 15; n += 1) next();

  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));

  return {
    next,
    whole,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error('the list to pick from is empty');
      return list[whole(0, list.length - 1)] as T;
    },
    weighted<Name extends string>(weights: Readonly<Partial<Record<Name, number>>>): Name {
      const entries = Object.entries(weights) as [Name, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) {
        left -= weight;
        if (left < 0) return name;
      }
      throw new Error('the weights are all 0');
    },
    hex: (length) => Array.from({ length }, () => whole(0, 15).toString(16)).join(''),
  };
}

/** Four 32-bit numbers from a text (FNV-1a with four offsets). */
function mixed(seed: string): [number, number, number, number] {
  const hash = (from: number) => {
    let value = from;
    for (const byte of Buffer.from(seed)) value = Math.imul(value ^ byte, 16_777_619);
    return value | 0;
  };
  return [hash(0x811c9dc5), hash(0x1b873593), hash(0xcc9e2d51), hash(0x85ebca6b)];
}
