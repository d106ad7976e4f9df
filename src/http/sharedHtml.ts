import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib';
import type { Ctx } from './context.ts';

/** HTML that many responses contain. It is compressed once for all of them. */
export interface SharedHtml {
  bytes: Buffer;
  /** Blocks that may stand anywhere in a deflate stream. */
  deflated(): Promise<Buffer>;
}

const deflate = promisify(deflateRaw);
/** Ends at a byte boundary, without a final block; later blocks do not refer to earlier ones. */
const AS_PART = { finishFlush: constants.Z_FULL_FLUSH };

export function sharedHtml(html: string): SharedHtml {
  const bytes = Buffer.from(html);
  let deflated: Promise<Buffer> | undefined;
  return {
    bytes,
    deflated() {
      deflated ??= deflate(bytes, AS_PART);
      return deflated;
    },
  };
}

/** Answers with these parts, compressed if the caller takes gzip. Other encodings are left to the compression layer. */
export async function sendParts(ctx: Ctx, parts: readonly (string | SharedHtml)[]): Promise<void> {
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part.bytes));
  if (ctx.method === 'HEAD' || ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') {
    ctx.body = Buffer.concat(bytes);
    return;
  }
  const deflated = await Promise.all(
    parts.map((part) => (typeof part === 'string' ? deflateRawSync(part, AS_PART) : part.deflated())),
  );
  ctx.set('Content-Encoding', 'gzip');
  ctx.body = Buffer.concat([GZIP_HEADER, ...deflated, FINAL_BLOCK, trailer(bytes)]);
}

/** RFC 1952: deflate, no name, no time, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** RFC 1951: the last block, empty, with fixed codes. */
const FINAL_BLOCK = Buffer.from([3, 0]);

/** The checksum and the length of the uncompressed content. */
function trailer(bytes: readonly Buffer[]): Buffer {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(
    bytes.reduce((sum, part) => crc32(part, sum), 0),
    0,
  );
  end.writeUInt32LE(bytes.reduce((sum, { length }) => sum + length, 0) % 2 ** 32, 4);
  return end;
}
