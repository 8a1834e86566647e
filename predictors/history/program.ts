/** Which program a job runs: what stays the same when its arguments, its sizes and the version of its image change. */
import type { Asked } from '../run.ts';

/** Words that only start the program that follows. */
const STARTERS = new Set(
  `sh bash dash zsh env exec nice time timeout numactl taskset stdbuf
   python python2 python3 perl ruby node julia Rscript java uv poetry conda run
   mpirun mpiexec srun torchrun accelerate launch deepspeed singularity apptainer`.split(/\s+/),
);

const LONGEST = 253;

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `registry/team/solver:v2@sha256:…` -> `registry/team/solver`: a new version is the same program. */
export function repository(image: string): string {
  const [plain = ''] = image.split('@');
  const colon = plain.lastIndexOf(':');
  return colon > plain.lastIndexOf('/') ? plain.slice(0, colon) : plain;
}

/** The first word that is neither a starter, nor an option, nor its number, nor a variable of the environment. */
function mainWord(command: readonly string[]): string | undefined {
  const words = command.flatMap((word) => word.trim().split(/\s+/, 8)).filter((word) => word !== '');
  const found = words.find(
    (word) => !STARTERS.has(baseName(word)) && !/^(-|[A-Za-z_]\w*=)/.test(word) && !/^[\d.:,]+$/.test(word),
  );
  const word = found ?? words[0];
  return word === undefined ? undefined : baseName(word) || word;
}

/** Name of the program: its image without the version, and its own name; undefined where the job says neither. */
export function programOf({ image, command }: Pick<Asked, 'image' | 'command'>): string | undefined {
  const parts = [...(image === undefined ? [] : [repository(image)]), mainWord(command) ?? ''];
  const name = parts.filter((part) => part !== '').join(' ');
  return name === '' ? undefined : name.slice(0, LONGEST).toWellFormed();
}
