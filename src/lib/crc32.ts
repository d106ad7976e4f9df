/** CRC-32 as zlib and gzip use it (RFC 1952). */

/** x⁰, x⁸ and the polynomial of CRC-32, with the coefficient of x⁰ in the highest bit. */
const ONE = 0x80000000;
const ONE_BYTE = 0x00800000;
const POLYNOMIAL = 0xedb88320;

/** The checksum of a text of two parts from the checksums of both, without reading them. `length`: bytes of the second part. */
export function joinedCrc32(first: number, second: number, length: number): number {
  return (product(powerOf(length), first) ^ second) >>> 0;
}

/** By how much this many bytes behind it move a checksum: x⁸ to that power. */
function powerOf(bytes: number): number {
  let power = ONE;
  let square = ONE_BYTE;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(square, power);
    square = product(square, square);
  }
  return power;
}

/** The product of two polynomials over bits, modulo that of CRC-32. */
function product(a: number, b: number): number {
  let sum = 0;
  let term = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= term;
    term = (term & 1) === 0 ? term >>> 1 : (term >>> 1) ^ POLYNOMIAL;
  }
  return sum;
}
