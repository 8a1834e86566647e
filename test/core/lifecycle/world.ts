/**
 * A pure model of what surrounds one job: the effects of `decide` change it at once, and the environment (kube-scheduler,
 * kubelets, users, failing nodes) is played by calls. For examples and properties of the life of a job without a cluster.
 */
import type { JobStatus } from '../../../crds/jobStatus.ts';
import { readJob } from '../../../operator/core/job.ts';
import { decide } from '../../../operator/core/lifecycle/decide.ts';
import type {
  Decision,
  Effect,
  NodeView,
  Observed,
  PodView,
  Settings,
} from '../../../operator/core/lifecycle/types.ts';
import type { Way } from '../../../operator/core/lifecycle/way.ts';
import { FINALIZER, podName } from '../../../operator/core/names.ts';

const SETTINGS: Settings = { barrierSeconds: 60, unscheduledSeconds: 60, readySeconds: 300, avoidSeconds: 300 };

export const SUCCESS = JSON.stringify({
  cx: 1,
  member: 0,
  outcome: 'succeeded',
  cause: 'Completed',
  started: true,
  startedAt: 1_000_010,
  endedAt: 1_000_020,
  result: { schema: 1, kernel: 'heat', verified: true, fom: { name: 'cell updates', value: 6.7e7, unit: 'cells/s' } },
});

export function failureMessage(code: number, more: object = {}): string {
  return JSON.stringify({
    cx: 1,
    member: 0,
    outcome: 'failed',
    cause: 'ProgramFailed',
    message: `rank 1 ended with ${code}`,
    code,
    failedMember: 1,
    failedRank: 1,
    started: true,
    tail: 'boom',
    ...more,
  });
}

/** What a worker says that has lost member 0. */
export const LOST_MEMBER_0 = JSON.stringify({
  cx: 1,
  member: 1,
  outcome: 'failed',
  cause: 'MemberLost',
  message: 'member 0 has been silent for 6 s',
  code: 75,
  signal: 0,
  failedMember: 0,
});

export const types = (effects: readonly Effect[]): string[] => effects.map((e) => e.type);

export class JobWorld {
  now = 1_000_000;
  status: JobStatus = {};
  finalizer = false;
  deleting = false;
  exists = true;
  spec: Record<string, unknown>;
  pods = new Map<string, PodView>();
  nodes: Record<string, NodeView> = { a: { exists: true, ready: true }, b: { exists: true, ready: true } };
  draining = false;
  way: Way | undefined;
  /** The API server keeps pods in their PodGroups. */
  keepsGroups = true;
  /** Every effect ever performed. */
  readonly performed: Effect[] = [];

  constructor(spec: Record<string, unknown> = {}) {
    this.spec = { image: 'heat:1', command: ['heat'], nodes: 2, ...spec };
  }

  observe(more: Partial<Observed> = {}): Observed {
    const job = readJob({
      apiVersion: 'coxswain.dev/v1alpha1',
      kind: 'SimulationJob',
      metadata: {
        name: 'heat',
        namespace: 'demo',
        uid: 'uid-1',
        generation: 1,
        creationTimestamp: '1970-01-12T13:46:40Z',
        ...(this.finalizer && { finalizers: [FINALIZER] }),
        ...(this.deleting && { deletionTimestamp: '1970-01-12T14:00:00Z' }),
      },
      // What the API server's defaults fill in is filled in by readJob.
      spec: this.spec as never,
      status: this.status,
    });
    return {
      job,
      pods: [...this.pods.values()],
      nodes: this.nodes,
      draining: this.draining,
      settings: SETTINGS,
      ...(this.way && { way: this.way }),
      ...more,
    };
  }

  /** The plan starts it: one member on each node. */
  start(): Observed {
    const start = {
      uid: 'uid-1',
      by: 'head' as const,
      parts: [
        {
          pool: 'default',
          members: 2,
          placements: [
            { node: 'a', first: 0, count: 1 },
            { node: 'b', first: 1, count: 1 },
          ],
        },
      ],
      request: { cpu: 1000, pods: 1 },
      attempt: (this.status.attempts ?? 0) + 1,
      generation: 1,
      ...(typeof this.spec['time'] === 'string' && { time: 60 }),
    };
    return this.observe({ verdict: { start } });
  }

  decide(observed: Observed = this.observe()): Decision {
    return decide(observed, this.now);
  }

  /** Decides and performs, until nothing is left to write; answers how many rounds wrote something. */
  settle(first: Observed = this.observe(), limit = 12): number {
    let observed = first;
    for (let round = 0; round < limit; round += 1) {
      const writes = this.decide(observed).effects.filter((e) => e.type !== 'Requeue' && e.type !== 'Signal');
      if (writes.length === 0 || !this.exists) return round;
      for (const effect of this.decide(observed).effects) this.perform(effect);
      observed = this.observe();
    }
    throw new Error(`still writing after ${limit} rounds: ${JSON.stringify(this.decide().effects)}`);
  }

  perform(effect: Effect): void {
    this.performed.push(effect);
    switch (effect.type) {
      case 'AddFinalizer':
        this.finalizer = true;
        return;
      case 'RemoveFinalizer':
        this.finalizer = false;
        if (this.deleting) this.exists = false;
        return;
      case 'PatchStatus':
        this.status = effect.status;
        return;
      case 'CreatePod':
        this.#create(effect.status, effect.member);
        return;
      case 'LiftGate':
        this.#change(effect.pod, { gated: false });
        return;
      case 'DeletePod': {
        const pod = this.pods.get(effect.pod);
        // A pod that no kubelet has goes at once; one that runs goes when its kubelet says so.
        if (pod && (pod.node === undefined || pod.phase === 'Succeeded' || pod.phase === 'Failed'))
          this.pods.delete(effect.pod);
        else this.#change(effect.pod, { deleting: true });
        return;
      }
      case 'DeleteJob':
        this.exists = false;
        return;
      case 'CreateDependent':
      case 'DistrustPodGroups':
      case 'DeleteDependent':
      case 'Signal':
      case 'EmitEvent':
      case 'Record':
      case 'Requeue':
    }
  }

  #create(status: JobStatus, member: number): void {
    const { assignment } = status;
    if (!assignment) throw new Error('a pod without an assignment');
    const name = podName(assignment.name, member);
    if (this.pods.has(name)) throw new Error(`two pods named ${name}`);
    this.pods.set(name, {
      name,
      uid: `${name}-uid`,
      attempt: assignment.attempt,
      member,
      phase: 'Pending',
      gated: (assignment.way ?? 'gate') === 'gate',
      ...(assignment.way === 'podGroup' && this.keepsGroups && { group: assignment.name }),
      deleting: false,
      ready: false,
      started: false,
    });
  }

  #change(name: string, to: Partial<PodView>): void {
    const pod = this.pods.get(name);
    if (pod) this.pods.set(name, { ...pod, ...to });
  }

  member(index: number): PodView {
    const attempt = this.status.assignment?.attempt;
    const pod = [...this.pods.values()].find((p) => p.member === index && p.attempt === attempt);
    if (!pod) throw new Error(`member ${index} has no pod`);
    return pod;
  }

  /** The kubelet or the scheduler reports of a member. */
  report(index: number, to: Partial<PodView>): void {
    this.#change(this.member(index).name, to);
  }

  bind(index: number): void {
    this.report(index, { node: index === 0 ? 'a' : 'b' });
  }

  run(index: number): void {
    this.bind(index);
    this.report(index, { phase: 'Running', started: true, ip: `10.0.0.${index + 1}` });
  }

  end(index: number, exitCode: number, message?: string, reason?: string): void {
    this.report(index, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      started: false,
      ready: false,
      terminated: {
        exitCode,
        finishedAt: this.now,
        ...(message !== undefined && { message }),
        ...(reason && { reason }),
      },
    });
  }

  /** Brings the job to Running. */
  toRunning(): void {
    this.settle(this.start());
    for (const index of [0, 1]) this.run(index);
    this.report(0, { ready: true });
    this.settle();
  }
}
