/** Single values as Slurm's `sacct` prints them (slurm.schedmd.com/sacct.html, "Job Accounting Fields"). */
import { parseTime } from '../../../crds/time.ts';
import type { Outcome } from '../../run.ts';

/** What sacct prints for what it does not know. */
const NOTHING = new Set(['', 'Unknown', 'None', 'N/A', 'INVALID']);

export function textOf(cell: string | undefined): string | undefined {
  const text = cell?.trim() ?? '';
  return NOTHING.has(text) ? undefined : text;
}

/** A number that is not negative; undefined for anything else. */
export function numberOf(cell: string | undefined): number | undefined {
  const text = textOf(cell);
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * Seconds since the epoch of a time: seconds (`SLURM_TIME_FORMAT=%s`), or `2024-05-01T12:34:56` on the cluster's clock.
 * @param offset seconds that this clock is ahead of UTC
 */
export function timeOf(cell: string | undefined, offset: number): number | undefined {
  const text = textOf(cell);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const local = parseTime(`${text.replace(' ', 'T')}Z`);
  return local === undefined ? undefined : local - offset;
}

const DURATION = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)(?:\.\d+)?$/;

/** Seconds of `[days-][hours:]minutes:seconds`; undefined for UNLIMITED, Partition_Limit and what is none. */
export function durationOf(cell: string | undefined): number | undefined {
  const match = DURATION.exec(textOf(cell) ?? '');
  if (!match) return undefined;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = match.map((part) => Number(part ?? 0));
  return days * 86_400 + hours * 3_600 + minutes * 60 + seconds;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 };

export type Tres = {
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly nodes?: number;
  readonly gpus?: number;
  /** The type in `gres/gpu:TYPE`. */
  readonly gpuType?: string;
};

/** Trackable resources: `billing=64,cpu=64,gres/gpu:a100=4,gres/gpu=4,mem=256G,node=2`. */
export function tresOf(cell: string | undefined): Tres {
  const all = new Map(
    (textOf(cell) ?? '').split(',').map((part) => part.split('=', 2) as [string, string | undefined]),
  );
  const amount = (name: string): number | undefined => {
    const [, figure, unit = ''] = /^(\d+(?:\.\d+)?)([KMGTP]?)B?$/.exec(all.get(name) ?? '') ?? [];
    return figure === undefined ? undefined : Number(figure) * (UNITS[unit] ?? 1);
  };
  const typed = [...all.keys()].filter((name) => name.startsWith('gres/gpu:'));
  const [first] = typed;
  const counted =
    amount('gres/gpu') ?? (first === undefined ? undefined : typed.reduce((n, t) => n + (amount(t) ?? 0), 0));
  const found = {
    cpus: amount('cpu'),
    memory: amount('mem'),
    nodes: amount('node'),
    gpus: counted,
    gpuType: first?.slice('gres/gpu:'.length),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/**
 * How a job ended, by its state; `null`: it has not ended, or is none of its own (revoked: its sibling on another cluster
 * ran). A state that is not here is unknown.
 */
const STATES: Readonly<Record<string, Outcome | null>> = {
  COMPLETED: 'succeeded',
  FAILED: 'failed',
  OUT_OF_MEMORY: 'failed',
  TIMEOUT: 'timeLimit',
  DEADLINE: 'timeLimit',
  NODE_FAIL: 'infrastructure',
  BOOT_FAIL: 'infrastructure',
  LAUNCH_FAILED: 'infrastructure',
  RECONFIG_FAIL: 'infrastructure',
  PREEMPTED: 'infrastructure',
  REQUEUED: 'infrastructure',
  CANCELLED: 'stopped',
  PENDING: null,
  CONFIGURING: null,
  RUNNING: null,
  COMPLETING: null,
  STAGE_OUT: null,
  SIGNALING: null,
  STOPPED: null,
  SUSPENDED: null,
  RESIZING: null,
  REQUEUE_FED: null,
  REQUEUE_HOLD: null,
  SPECIAL_EXIT: null,
  RESV_DEL_HOLD: null,
  REVOKED: null,
};

/** The outcome of a state such as `CANCELLED by 1000`; null: not ended; undefined: an unknown state. */
export function outcomeOf(cell: string | undefined): Outcome | null | undefined {
  const [word = ''] = (textOf(cell) ?? '').split(/[ +]/, 1);
  return Object.hasOwn(STATES, word) ? STATES[word] : undefined;
}
