/** One step of a Dockerfile: an instruction and its text, without comments and with continued lines joined. */
export interface Step {
  instruction: string;
  text: string;
}

export interface Stage {
  name: string;
  /** The image that it starts from. */
  from: string;
  steps: Step[];
}

/** The stages of a Dockerfile, in their order. */
export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, instruction = '', rest = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (instruction === 'FROM') {
      const [from = '', , name = String(stages.length)] = rest.split(' ');
      stages.push({ name, from, steps: [] });
    } else stages.at(-1)?.steps.push({ instruction, text: rest });
  }
  return stages;
}
