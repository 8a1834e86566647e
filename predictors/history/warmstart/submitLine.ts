/** The program in the line that submitted a Slurm job: `sbatch --nodes=2 -t 60 run.sh 512` -> `run.sh 512`. */

/** What was submitted with; the rest of the line are its options and then the program. */
const SUBMITTERS = new Set(['sbatch', 'srun', 'salloc']);

/** Options that take no value as a word of their own (sbatch(1), srun(1), salloc(1)); all others do, or have it behind `=`. */
const FLAGS = new Set(
  `--contiguous --exclusive --get-user-env --hold --ignore-pbs --immediate --kill-on-bad-exit --kill-on-invalid-dep
   --label --multi-prog --nice --no-kill --no-requeue --overcommit --overlap --oversubscribe --parsable --preserve-env
   --propagate --pty --quiet --reboot --requeue --spread-job --test-only --unbuffered --use-min-nodes --verbose --wait
   --x11 -E -H -I -K -O -Q -W -Z -k -l -s -u -v`.split(/\s+/),
);

const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs;

/** Words as a shell would see them, without expansion. Quotes that are never closed are dropped. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(WORD)].map(([word]) =>
    word.replaceAll(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs, (_, escaped?: string, double?: string, single?: string) =>
      double === undefined ? (escaped ?? single ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1'),
    ),
  );
}

/** The program and its arguments; without a known submitter the line as it is; empty where there is no program. */
export function commandOf(line: string): string[] {
  const words = wordsOf(line);
  const [first = '', ...rest] = words;
  if (!SUBMITTERS.has(first.slice(first.lastIndexOf('/') + 1))) return words;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string;
    if (word.startsWith('--wrap')) return wordsOf(word.startsWith('--wrap=') ? word.slice(7) : (rest[i + 1] ?? ''));
    if (word === '--') return rest.slice(i + 1);
    if (!word.startsWith('-')) return rest.slice(i);
    const carriesValue = word.startsWith('--') ? word.includes('=') : word.length > 2;
    if (!carriesValue && !FLAGS.has(word)) i++;
  }
  return [];
}
