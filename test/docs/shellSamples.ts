import { documents, read } from './documents.ts';

/** A command in a document together with the output that is printed below it. */
export interface Sample {
  /** Document and line. */
  place: string;
  command: string;
  output: string;
  /** The whole block that it is in. */
  block: string;
}

/** The commands of all `console` blocks: lines that begin with `$`, continued while they end with a backslash or within quotes. */
export function consoleSamples(): Sample[] {
  return documents.flatMap((path) =>
    [...read(path).matchAll(/^( *)```console\n([\s\S]*?)^ *```$/gm)].flatMap(
      ({ 1: indent = '', 2: block = '', index }) => {
        const first = read(path).slice(0, index).split('\n').length + 1;
        return samplesIn(block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''), path, first);
      },
    ),
  );
}

function samplesIn(block: string, path: string, first: number): Sample[] {
  const samples: Sample[] = [];
  let isContinued = false;
  for (const [index, line] of block.split('\n').entries()) {
    const last = samples.at(-1);
    const place = `${path}:${first + index}`;
    if (line.startsWith('$ ')) samples.push({ place, command: line.slice(2), output: '', block });
    else if (last && isContinued) last.command += `\n${line}`;
    else if (last) last.output += `${line}\n`;
    const command = samples.at(-1)?.command ?? '';
    isContinued = (line.startsWith('$ ') || isContinued) && (line.endsWith('\\') || hasOpenQuote(command));
  }
  return samples;
}

const hasOpenQuote = (command: string): boolean => (command.match(/'/g)?.length ?? 0) % 2 === 1;

/** All blocks of a language, such as `sql`, with their document. */
export const blocksOf = (language: string): { path: string; text: string }[] =>
  documents.flatMap((path) =>
    [...read(path).matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'))].map(
      ([, text = '']) => ({ path, text }),
    ),
  );
