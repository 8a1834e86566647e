/**
 * The lives of gangs in virtual time: every job is a Job, what becomes of it is decided by the `decide` that the operator
 * runs, and its effects are performed on simulated pods. Nothing is decided here.
 */
import type { SimulationSpec } from '../../../crds/job.ts';
import { holdsRoom, isTerminal } from '../../core/lifecycle/conditions.ts';
import { decide } from '../../core/lifecycle/decide.ts';
import { DEFAULT_SETTINGS } from '../../core/lifecycle/settings.ts';
import { backOff, backOffChangesAt } from '../../core/lifecycle/standing.ts';
import type { Observed, Settings, Verdict } from '../../core/lifecycle/types.ts';
import type { Change, Start, WaitingGang } from '../../core/model.ts';
import { Agenda } from '../agenda.ts';
import type { Live } from '../engine.ts';
import { widthOf } from '../gangs.ts';
import { type Machine, machineNodes } from '../machine.ts';
import { unitsOf } from '../occupancy.ts';
import type { JobLife } from '../results.ts';
import type { Workload } from '../workload.ts';
import { Gang, type What } from './gang.ts';
import { Nodes } from './nodes.ts';
import { type Performed, perform } from './perform.ts';
import { checkLife, type Life, specOf } from './terms.ts';
import { brokenEnd, brokenIn } from './watch.ts';

/** What the engine is told. */
export type Listener = {
  readonly changed: (change: Change) => void;
  /** The job is over for good. */
  readonly ended: (live: Live, now: number, life: JobLife) => void;
  /** An attempt is over, and the job waits again. */
  readonly again: (live: Live, now: number) => void;
  /** How many nodes work changed: whether one is down. */
  readonly nodes: (anyDown: boolean) => void;
  readonly broken: (what: string) => void;
};

type Due =
  | { readonly what: What; readonly at: number; readonly gang: Gang }
  | { readonly what: 'node'; readonly node: string; readonly step: 1 | -1 };

const NEVER = Number.POSITIVE_INFINITY;

/** What is due within the same millisecond is seen at once: statuses know no finer time. Seconds. */
const MOMENT = 0.0005;

/** Rounds of deciding and writing after which a job should be quiet. */
const ROUNDS = 32;

export class Lives {
  readonly #life: Life;
  readonly #listener: Listener;
  readonly #settings: Settings;
  readonly #spec: SimulationSpec;
  readonly #nodes: Nodes;
  readonly #agenda = new Agenda<Due>();
  /** Jobs that have come and not ended, by UID. */
  readonly #gangs = new Map<string, Gang>();
  readonly #crashes = new Map<string, number[]>();
  /** When the planner has to look again because of what came of its own starts. */
  #replanAt = NEVER;

  /** Throws SimulationInputError for a life that does not go with machine and workload. */
  constructor(life: Life, machine: Machine, workload: Workload, listener: Listener) {
    this.#life = life;
    this.#listener = listener;
    this.#settings = { ...DEFAULT_SETTINGS, ...life.bounds };
    this.#spec = specOf(life);
    this.#nodes = new Nodes(machineNodes(machine));
    checkLife(life, { nodes: this.#nodes.names, jobs: new Set(workload.jobs.map(({ id }) => id)) });
    for (const { node, from, until } of life.failures ?? []) {
      this.#agenda.add(from, { what: 'node', node, step: 1 });
      this.#agenda.add(until, { what: 'node', node, step: -1 });
    }
    for (const { job, after } of life.crashes ?? []) this.#crashes.set(job, [...(this.#crashes.get(job) ?? []), after]);
  }

  /** When the next thing happens by itself. While there is no job, nobody cares. */
  get next(): number {
    if (this.#replanAt !== NEVER || this.#gangs.size === 0) return this.#replanAt;
    for (let first = this.#agenda.first; first; first = this.#agenda.first) {
      if (!isStale(first)) return this.#agenda.next;
      this.#agenda.take();
    }
    return NEVER;
  }

  came(live: Live, waiting: WaitingGang): void {
    const crashes = this.#crashes.get(live.job.id) ?? [];
    this.#gangs.set(live.uid, new Gang(live, waiting, this.#spec, crashes));
  }

  /** Lets happen what is due at `now`, and decides for every job that it concerns. */
  advance(now: number): void {
    this.#replanAt = NEVER;
    const touched = new Set<Gang>();
    const nodes: Extract<Due, { what: 'node' }>[] = [];
    while (this.#agenda.next <= now + MOMENT) {
      const due = this.#agenda.take();
      if (!due || isStale(due)) continue;
      // Who ends in the moment in which a node dies has ended.
      if (due.what === 'node') nodes.push(due);
      else {
        this.#happens(due.gang, due.what, now);
        touched.add(due.gang);
      }
    }
    for (const { node, step } of nodes) this.#turn(node, step, touched);
    for (const gang of touched) this.#settle(gang, now);
  }

  #happens(gang: Gang, what: What, now: number): void {
    gang.due[what] = NEVER;
    const { attempt = 0 } = gang.job.status.assignment ?? {};
    if (what === 'ready') this.#ready(gang, now);
    else if (what === 'end') gang.pods.end(attempt, gang.endsItself(), gang.computesSince ?? now, now);
    else if (what === 'look') gang.told = '';
  }

  #ready(gang: Gang, now: number): void {
    gang.pods.run(gang.job.status.assignment?.attempt ?? 0);
    gang.computes(now);
    this.#plan(gang, 'end');
  }

  #plan(gang: Gang, what: What): void {
    const at = gang.due[what];
    if (at !== NEVER) this.#agenda.add(at, { what, at, gang });
  }

  #turn(node: string, step: 1 | -1, touched: Set<Gang>): void {
    const change = this.#nodes.count(node, step);
    if (!change) return;
    this.#listener.changed(change);
    this.#listener.nodes(this.#nodes.anyDown);
    for (const gang of this.#gangs.values()) {
      const concerned = step === 1 ? gang.pods.lose(node) : gang.pods.confirm(node);
      if (concerned) touched.add(gang);
    }
  }

  /** The plan starts the gang. */
  start(start: Start, now: number): void {
    const gang = this.#gangs.get(start.uid);
    if (!gang) throw new Error(`the plan starts ${start.uid}, which has not come`);
    const down = start.parts.flatMap((p) => p.placements).find(({ node }) => this.#nodes.isDown(node));
    if (down) this.#listener.broken(`job ${gang.job.name} starts on ${down.node}, which is down`);
    const verdict = gang.verdict(start);
    gang.start = start;
    gang.admittedAt = now;
    gang.firstStart ??= now;
    gang.computesSince = undefined;
    gang.due.look = NEVER;
    gang.told = '';
    const { attempts = 0 } = gang.job.status;
    this.#settle(gang, now, verdict);
    const { status, name } = gang.job;
    if (status.attempts !== attempts + 1) this.#listener.broken(`job ${name} was not started as planned at ${now}`);
    // It is over already: the room that it was given is there for others.
    if (!holdsRoom(status.state)) this.#replanAt = now;
  }

  #observe(gang: Gang, verdict: Verdict | undefined): Observed {
    const { job, pods } = gang;
    const { state, assignment } = job.status;
    const holds = holdsRoom(state) && assignment;
    return {
      job,
      pods: pods.all,
      nodes: holds ? this.#nodes.views(assignment.placements) : {},
      draining: false,
      settings: this.#settings,
      ...(verdict && !holds && { verdict }),
    };
  }

  /** Decides and performs until nothing is left to be written, and tells what has become of the job. */
  #settle(gang: Gang, now: number, verdict?: Verdict): void {
    const on = { gang, nodes: this.#nodes, now };
    let current = verdict;
    let rounds = 0;
    let wake = NEVER;
    for (let quiet = false; !quiet; rounds += 1) {
      if (rounds > ROUNDS) return this.#listener.broken(`job ${gang.job.name} is still being written at ${now}`);
      const { effects } = decide(this.#observe(gang, current), now);
      current = undefined;
      const done = effects.map((effect): Performed => perform(effect, on));
      wake = Math.min(NEVER, ...done.flatMap(({ wakeAfter }) => wakeAfter ?? []));
      const moved = this.#startUp(gang, now);
      // A program that is over in the moment in which it begins is seen to end before its walltime is looked at.
      const over = gang.due.end <= now + MOMENT;
      quiet = over || (!moved && !done.some(({ wrote }) => wrote));
    }
    // Never earlier than it asked: statuses are in whole milliseconds.
    gang.due.wake = Math.ceil((now + wake) * 1000) / 1000;
    this.#plan(gang, 'wake');
    const broken = brokenIn(gang, { nodes: this.#nodes, settings: this.#settings }, now);
    if (broken !== undefined) this.#listener.broken(broken);
    this.#tell(gang, now);
  }

  /** Once all pods are bound they come up. Answers whether they have. */
  #startUp(gang: Gang, now: number): boolean {
    const { state, assignment } = gang.job.status;
    const begun = gang.computesSince !== undefined || gang.due.ready !== NEVER;
    if (state !== 'Starting' || begun || !assignment || !gang.pods.bound(assignment)) return false;
    if (this.#life.startSeconds === 0) {
      this.#ready(gang, now);
      return true;
    }
    gang.due.ready = now + this.#life.startSeconds;
    this.#plan(gang, 'ready');
    return false;
  }

  /** Tells the planner what the status says, where it says something new. */
  #tell(gang: Gang, now: number): void {
    const { state } = gang.job.status;
    if (holdsRoom(state)) return this.#tellCharged(gang);
    if (isTerminal(state)) return this.#tellEnded(gang, now);
    if (gang.told !== 'waiting') this.#tellWaiting(gang, now);
  }

  #tellCharged(gang: Gang): void {
    const charged = gang.charged();
    if (!charged) return;
    const { uid } = charged;
    const digest = `${charged.startedAt} ${charged.parts.map(({ released }) => released.join()).join(';')}`;
    if (gang.told === digest) return;
    const first = gang.told === '';
    gang.told = digest;
    if (first) this.#listener.changed({ kind: 'waiting', name: uid });
    this.#listener.changed({ kind: 'charged', name: uid, value: charged });
  }

  #leave(gang: Gang, now: number): void {
    for (const what of ['ready', 'end'] as const) gang.due[what] = NEVER;
    this.#listener.changed({ kind: gang.told === '' ? 'waiting' : 'charged', name: gang.job.uid });
    if (gang.job.status.state !== 'Succeeded') gang.lost += now - gang.admittedAt;
  }

  #tellWaiting(gang: Gang, now: number): void {
    const { uid, status } = gang.job;
    if (gang.start) {
      gang.start = undefined;
      this.#leave(gang, now);
      this.#listener.again(gang.live, now);
    }
    gang.told = 'waiting';
    gang.due.look = backOffChangesAt(status, now) ?? NEVER;
    this.#plan(gang, 'look');
    this.#listener.changed({ kind: 'waiting', name: uid, value: { ...gang.waiting, ...backOff(status, now) } });
  }

  #tellEnded(gang: Gang, now: number): void {
    const { live, job } = gang;
    const { state, reason = '', attempts = 0, runSeconds: ran = 0 } = job.status;
    this.#gangs.delete(live.uid);
    this.#leave(gang, now);
    const broken = brokenEnd(gang, now);
    if (broken !== undefined) this.#listener.broken(broken);
    this.#listener.ended(live, now, {
      state: state === 'Succeeded' ? 'Succeeded' : 'Failed',
      reason,
      attempts,
      ran,
      firstStart: gang.firstStart ?? now,
      lost: gang.lost * widthOf(live.job),
    });
  }

  /** Whether what is held on the nodes, counted apart, is what the assignments of charged jobs say, in units. */
  audit(used: ReadonlyMap<string, number>, now: number): void {
    const charged = new Map<string, number>();
    for (const gang of this.#gangs.values()) {
      if (!holdsRoom(gang.job.status.state)) continue;
      for (const { placements, request } of gang.charged()?.parts ?? [])
        for (const { node, count } of placements)
          charged.set(node, (charged.get(node) ?? 0) + count * unitsOf(request));
    }
    for (const node of new Set([...used.keys(), ...charged.keys()])) {
      const [held = 0, said = 0] = [used.get(node), charged.get(node)];
      if (held !== said)
        this.#listener.broken(`at ${now} node ${node} holds ${held} and the assignments of its jobs say ${said}`);
    }
  }
}

function isStale(due: Due): boolean {
  return due.what !== 'node' && due.gang.due[due.what] !== due.at;
}
