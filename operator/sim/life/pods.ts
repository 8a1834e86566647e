/** The pods of one job, and what schedulers and kubelets make of them. What is seen of them is seen at once. */
import type { Assignment } from '../../../crds/jobStatus.ts';
import { isTerminalPod } from '../../core/lifecycle/attempt.ts';
import type { PodView } from '../../core/lifecycle/types.ts';
import { podName } from '../../core/names.ts';
import { accountOf, exitCodeOf, type How } from './account.ts';

/** Changed where it stands: a gang has thousands of them, and nobody keeps one. */
type Pod = { -readonly [K in keyof PodView]: PodView[K] };

/** Of the cluster's taint manager, for a pod on a node that does not answer. */
const TAINTED = 'DeletionByTaintManager';

export class Pods {
  readonly #pods = new Map<string, Pod>();
  #made = 0;

  get all(): readonly PodView[] {
    return [...this.#pods.values()];
  }

  of(attempt: number): readonly PodView[] {
    return this.#of(attempt);
  }

  #of(attempt: number): Pod[] {
    return [...this.#pods.values()].filter((pod) => pod.attempt === attempt);
  }

  /** A pod behind its gate. One that exists stays as it is. */
  create({ name: attemptName, attempt }: Assignment, member: number): void {
    const name = podName(attemptName, member);
    if (this.#pods.has(name)) return;
    this.#made += 1;
    const uid = `${name}/${this.#made}`;
    this.#pods.set(name, {
      name,
      uid,
      attempt,
      member,
      phase: 'Pending',
      gated: true,
      deleting: false,
      ready: false,
      started: false,
    });
  }

  #find(name: string, uid: string): Pod | undefined {
    const pod = this.#pods.get(name);
    return pod?.uid === uid ? pod : undefined;
  }

  /** The gate is lifted: the scheduler binds the pod to the node that the patch names. */
  lift(name: string, uid: string, node: string): void {
    const pod = this.#find(name, uid);
    if (!pod?.gated) return;
    pod.gated = false;
    pod.node = node;
  }

  /** Goes at once, unless its kubelet cannot answer: then it is asked to, and stands until the node is back. */
  delete(name: string, uid: string, isDown: (node: string) => boolean): void {
    const pod = this.#find(name, uid);
    if (!pod) return;
    if (pod.node !== undefined && isDown(pod.node)) pod.deleting = true;
    else this.#pods.delete(name);
  }

  /** Whether all `members` pods of the attempt are bound. */
  bound({ attempt, members }: Assignment): boolean {
    const pods = this.#of(attempt);
    return pods.length === members && pods.every(({ node }) => node !== undefined);
  }

  /** All run, and all ranks have called in. */
  run(attempt: number): void {
    for (const pod of this.#of(attempt)) {
      pod.phase = 'Running';
      pod.started = true;
      pod.ready = pod.member === 0;
      pod.ip = '10.0.0.1';
    }
  }

  /** All that run end in this way at `now`, having computed since `since`. Answers whether there were any. */
  end(attempt: number, how: How, since: number, now: number): boolean {
    const running = this.#of(attempt).filter((pod) => pod.started && !pod.deleting);
    for (const pod of running) {
      pod.phase = how === 'completed' ? 'Succeeded' : 'Failed';
      pod.started = false;
      pod.ready = false;
      pod.terminated = {
        exitCode: exitCodeOf(how),
        finishedAt: now,
        ...(pod.member === 0 && { message: accountOf(how, since, now) }),
      };
    }
    return running.length > 0;
  }

  /** The node is dead: the cluster gives up its pods that have not ended. Answers whether there were any. */
  lose(node: string): boolean {
    let any = false;
    for (const pod of this.#pods.values()) {
      if (pod.node !== node || pod.deleting || isTerminalPod(pod)) continue;
      pod.deleting = true;
      pod.ready = false;
      pod.disruption = TAINTED;
      any = true;
    }
    return any;
  }

  /** The node is back, and its kubelet confirms that what was given up is gone. Answers whether there was any. */
  confirm(node: string): boolean {
    let any = false;
    for (const pod of this.#pods.values()) {
      if (pod.node !== node || !pod.deleting) continue;
      this.#pods.delete(pod.name);
      any = true;
    }
    return any;
  }
}
