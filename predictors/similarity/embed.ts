/** What a program looks like: from its request when it is submitted, and from its first minutes once it runs. */
import type { Asked } from '../run.ts';

/** Means over the first one or two minutes, each a share from 0 to 1. Absent where nobody measured it. */
export type Early = {
  readonly smUse?: number;
  /** Power of an accelerator as a share of its largest. */
  readonly power?: number;
  /** Share of time in which its memory was read or written. */
  readonly dramActive?: number;
  readonly mpiShare?: number;
};

export type Embedding = {
  /** Words of image and command, and how often. */
  readonly words: ReadonlyMap<string, number>;
  /** Shape of the request and declared work: logarithms, so that a difference is a ratio. Only what is known. */
  readonly shape: ReadonlyMap<string, number>;
  readonly early: ReadonlyMap<string, number>;
};

/** More words than these tell nothing new, and a hostile command could hold millions. */
const MOST_WORDS = 256;
const LONGEST_WORD = 64;

/** Letters and digits, without the digits at a word's end: `resnet50` and `resnet101` share `resnet` and differ in the rest. */
function wordsOf(text: string): readonly string[] {
  const parts = text.toLowerCase().match(/[a-z]+\d*|\d+/g) ?? [];
  return parts.flatMap((part) => {
    const word = part.slice(0, LONGEST_WORD);
    const stem = word.replace(/\d+$/, '');
    return stem === '' ? [] : stem === word ? [word] : [word, stem];
  });
}

function counted(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words.slice(0, MOST_WORDS)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Numbers above 0 by name, as logarithms. */
const logs = (values: Readonly<Record<string, number | undefined>>): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(values).flatMap(([name, value]) =>
      value !== undefined && value > 0 && Number.isFinite(value) ? [[name, Math.log(value)] as const] : [],
    ),
  );

const perNode = (value: number, nodes: number): number => value / Math.max(1, nodes);

/** Arithmetic intensity, flops for each byte moved, where both are declared. */
function intensity({ flops, bytes }: Asked['declared']): number | undefined {
  return typeof flops === 'number' && typeof bytes === 'number' && bytes > 0 ? flops / bytes : undefined;
}

/** The embedding of a job. Pure, and bounded whatever the command holds. */
export function embed(asked: Asked, early: Early = {}): Embedding {
  const { image = '', command, declared, nodes, ranks, gpus, cpus, memory } = asked;
  const text = [image.split('@')[0] ?? '', ...command.slice(0, MOST_WORDS)].map((part) => part.slice(0, 1024));
  const said = Object.entries(declared);
  const names = said.flatMap(([name, value]) => (typeof value === 'string' ? wordsOf(`${name} ${value}`) : []));
  const numbers = Object.fromEntries(
    said.flatMap(([name, value]) => (typeof value === 'number' ? [[`declared ${name}`, value] as const] : [])),
  );
  return {
    words: counted([asked.kind, ...names, ...text.flatMap(wordsOf)]),
    shape: logs({
      nodes,
      ranksPerNode: perNode(ranks, nodes),
      gpusPerNode: perNode(gpus, nodes),
      cpusPerNode: perNode(cpus, nodes),
      memoryPerNode: perNode(memory, nodes),
      intensity: intensity(declared),
      ...numbers,
    }),
    early: new Map(Object.entries(early).filter(([, value]) => value >= 0 && value <= 1)),
  };
}
