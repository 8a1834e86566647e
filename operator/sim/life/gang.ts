/** A job of the workload as the operator knows it, its pods, and what is to come of them. */
import type { SimulationSpec } from '../../../crds/job.ts';
import type { Job } from '../../core/job.ts';
import { chargedGang } from '../../core/lifecycle/standing.ts';
import type { Verdict } from '../../core/lifecycle/types.ts';
import type { ChargedGang, Placement, Start, WaitingGang } from '../../core/model.ts';
import type { Live } from '../engine.ts';
import { Pods } from './pods.ts';

/** wake: the controller looks again; look: a back-off is over; ready: all ranks call in; end: the program ends by itself. */
export type What = 'wake' | 'look' | 'ready' | 'end';

const NEVER = Number.POSITIVE_INFINITY;

/** The parts of a gang one after another: a job has one part so far, and its members are numbered through. */
function joined({ parts }: Start): readonly Placement[] {
  let offset = 0;
  return parts.flatMap(({ placements, members }) => {
    const from = offset;
    offset += members;
    return placements.map(({ node, first, count }) => ({ node, first: first + from, count }));
  });
}

export class Gang {
  readonly live: Live;
  /** As it came. */
  readonly waiting: WaitingGang;
  readonly pods = new Pods();
  job: Job;
  /** Latest start. */
  start: Start | undefined;
  admittedAt = 0;
  /** Since when the attempt computes. */
  computesSince: number | undefined;
  firstStart: number | undefined;
  /** Seconds that attempts held room without ending well. */
  lost = 0;
  /** What the planner was last told: a digest of the charged gang, `waiting`, or nothing yet. */
  told = '';
  /** When each thing is due; whatever else the agenda says of it is out of date. */
  readonly due: Record<What, number> = { wake: NEVER, look: NEVER, ready: NEVER, end: NEVER };
  /** Seconds after which the program of the next attempts crashes. */
  readonly #crashes: number[];

  constructor(live: Live, waiting: WaitingGang, spec: SimulationSpec, crashes: readonly number[]) {
    const { uid, namespace, name, submittedAt, parts } = waiting;
    const nodes = parts.reduce((sum, { minMembers }) => sum + minMembers, 0);
    this.live = live;
    this.waiting = waiting;
    this.#crashes = [...crashes];
    this.job = {
      uid,
      namespace,
      name,
      generation: 1,
      submittedAt,
      deleting: false,
      finalizer: false,
      status: {},
      program: { kind: 'SimulationJob', spec: { ...spec, nodes } },
    };
  }

  /** The planner's word as the operator's controller gets it. */
  verdict(start: Start): Verdict {
    const { parts, time } = this.waiting;
    const members = start.parts.reduce((sum, part) => sum + part.members, 0);
    const [first] = start.parts;
    return {
      start: {
        ...start,
        parts: [{ pool: first?.pool ?? '', members, placements: joined(start) }],
        request: parts[0]?.request ?? {},
        ...(time !== undefined && { time }),
        attempt: (this.job.status.attempts ?? 0) + 1,
        generation: this.job.generation,
      },
    };
  }

  /** The gang as its status charges it, each part with what it asks for. */
  charged(): ChargedGang | undefined {
    const { assignment } = this.job.status;
    if (!assignment) return undefined;
    const pods = this.pods.all.map(({ attempt, member, phase }) => ({
      attempt,
      member,
      over: phase === 'Succeeded' || phase === 'Failed',
    }));
    const charged = chargedGang(this.job, assignment, pods);
    const { predictions } = this.waiting;
    return { ...charged, parts: this.#parted(charged.parts), ...(predictions && { predictions }) };
  }

  #parted(parts: ChargedGang['parts']): ChargedGang['parts'] {
    const started = this.start?.parts ?? [];
    if (started.length < 2) return parts;
    const released = parts.flatMap((part) => part.released);
    let offset = 0;
    return started.map((part, i) => {
      const from = offset;
      offset += part.members;
      const own = released.filter((member) => member >= from && member < offset).map((member) => member - from);
      return { ...part, request: this.waiting.parts[i]?.request ?? {}, released: own };
    });
  }

  /** All ranks have called in: what the program does from `now`, and when it is over. */
  computes(now: number): void {
    const { run } = this.live.job;
    const [crash = NEVER] = this.#crashes;
    this.computesSince = now;
    this.due.end = now + Math.min(run, crash);
  }

  /** The program ends by itself, and how. */
  endsItself(): 'completed' | 'crashed' {
    const [crash = NEVER] = this.#crashes;
    if (crash >= this.live.job.run) return 'completed';
    this.#crashes.shift();
    return 'crashed';
  }
}
