/** Performs one effect: one API request, or one word to a gang. */
import type { JobResource } from '../../crds/job.ts';
import type { Assignment, JobStatus } from '../../crds/jobStatus.ts';
import { GROUP, VERSION } from '../../crds/kind.ts';
import type { Job, Program } from '../core/job.ts';
import { nodeOf } from '../core/lifecycle/attempt.ts';
import type { Dependent, Effect, RunRecord } from '../core/lifecycle/types.ts';
import { FINALIZER, GATE, HOSTNAME } from '../core/names.ts';
import { Applier } from '../kube/apply.ts';
import type { Client, DeleteOptions, JsonPatchOperation } from '../kube/client.ts';
import { AlreadyExistsError, ConflictError, messageOf, NotFoundError } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import { addFinalizer, removeFinalizer } from '../kube/finalizers.ts';
import type { Fresh } from '../kube/fresh.ts';
import type { Log } from '../kube/ports.ts';
import type { Resource } from '../kube/resource.ts';
import type { KubeObject } from '../kube/types.ts';
import { type Gang, MAILBOX_PORT, type RenderSettings } from '../render/context.ts';
import { renderNetworkPolicy, renderSecret, renderService } from '../render/network.ts';
import { renderLift, renderPod } from '../render/pod.ts';
import { renderPodGroup } from '../render/podGroup.ts';
import { sendToMailbox } from './mailbox.ts';
import type { PodGroups } from './podGroups.ts';
import { ownerUid } from './podView.ts';
import {
  NETWORK_POLICIES,
  POD_GROUPS,
  PODS,
  type Pod,
  SECRETS,
  SERVICES,
  SIMULATION_JOBS,
  TRAINING_JOBS,
} from './resources.ts';
import type { Tokens } from './tokens.ts';
import type { World } from './world.ts';

export type PerformerOptions = {
  client: Client;
  world: World;
  fresh: Fresh;
  events: EventRecorder;
  tokens: Tokens;
  settings: RenderSettings;
  podGroups: Pick<PodGroups, 'distrust'>;
  record: (record: RunRecord) => void;
};

/** The job that effects are performed for, as it was last read or written. */
export type Execution = {
  key: string;
  resource: JobResource;
  job: Job;
  /** Seconds since 1970. */
  now: number;
  log: Log;
  signal: AbortSignal;
};

const NOTHING = Promise.resolve(undefined);

const DEPENDENTS: Readonly<Record<Dependent, Resource>> = {
  Secret: SECRETS,
  Service: SERVICES,
  NetworkPolicy: NETWORK_POLICIES,
  PodGroup: POD_GROUPS,
};

export class Performer {
  readonly #options: PerformerOptions;
  readonly #status: Applier;
  /** Signals that were delivered: a job that is looked at again is not told twice. */
  readonly #signalled = new Map<string, string>();

  constructor(options: PerformerOptions) {
    this.#options = options;
    this.#status = new Applier(options.client, 'coxswain');
  }

  /** Forgets what was remembered of a job that is gone. */
  forget(uid: string): void {
    this.#signalled.delete(uid);
  }

  /** Performs one effect; answers the job's resource if it was written. */
  perform(effect: Effect, run: Execution): Promise<JobResource | undefined> {
    switch (effect.type) {
      case 'AddFinalizer':
        return this.#addFinalizer(run);
      case 'RemoveFinalizer':
        return this.#removeFinalizer(run);
      case 'PatchStatus':
        return this.#patchStatus(effect.status, run);
      case 'CreateDependent':
        return this.#createDependent(effect.what, run);
      case 'CreatePod':
        return this.#createPod(effect.status, effect.member, run);
      case 'LiftGate':
        return this.#liftGate(effect, run);
      case 'DeletePod':
        return this.#deletePod(effect, run);
      case 'DeleteDependent':
        return ignoreGone(
          this.#options.client.delete(
            DEPENDENTS[effect.what],
            { namespace: run.job.namespace, name: effect.attempt },
            run,
          ),
        );
      case 'Signal':
        return this.#signal(effect, run);
      case 'EmitEvent':
        return this.#emit(effect, run);
      case 'Record':
        this.#options.record(effect.record);
        return NOTHING;
      case 'DistrustPodGroups':
        this.#options.podGroups.distrust(effect.why);
        return NOTHING;
      case 'DeleteJob':
        return ignoreGone(
          this.#options.client.delete(kindOf(run.resource), refOf(run), {
            uid: run.job.uid,
            propagationPolicy: 'Background',
            signal: run.signal,
          }),
        );
      case 'Requeue':
        return NOTHING;
    }
  }

  #wrote<T extends KubeObject>({ key }: Execution, resource: Resource<T>, object: T): T {
    this.#options.fresh.wrote(resource, key, object.metadata.resourceVersion);
    return object;
  }

  async #addFinalizer(run: Execution): Promise<JobResource> {
    const kind = kindOf(run.resource);
    const { client } = this.#options;
    return this.#wrote(run, kind, await addFinalizer(client, kind, run.resource, FINALIZER, { signal: run.signal }));
  }

  async #removeFinalizer(run: Execution): Promise<JobResource | undefined> {
    const kind = kindOf(run.resource);
    try {
      return this.#wrote(
        run,
        kind,
        await removeFinalizer(this.#options.client, kind, run.resource, FINALIZER, { signal: run.signal }),
      );
    } catch (error) {
      if (error instanceof NotFoundError) return undefined; // it was deleted and this was its last hold
      throw error;
    }
  }

  /** The version that was read is the precondition: a status decided from an old view is refused, not written. */
  async #patchStatus(status: JobStatus, run: Execution): Promise<JobResource> {
    const kind = kindOf(run.resource);
    const { name, namespace, resourceVersion } = run.resource.metadata;
    const body = {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: kind.kind,
      metadata: { name, namespace, resourceVersion },
      status,
    };
    return this.#wrote(run, kind, await this.#status.applyStatus<JobResource>(kind, body, { signal: run.signal }));
  }

  #gang(assignment: Assignment | undefined, { job, resource }: Execution): Gang {
    const program: Program | undefined = job.program;
    if (!program || !assignment) throw new TypeError(`job ${job.name} has nothing to render`);
    const { tolerations = [], runtimeClassName } = this.#options.world.pools.get(assignment.pool)?.spec ?? {};
    const current = { ...job, status: resource.status ?? job.status };
    return {
      job: current,
      program,
      assignment,
      settings: this.#options.settings,
      tolerations,
      ...(runtimeClassName !== undefined && { runtimeClassName }),
    };
  }

  async #createDependent(what: Dependent, run: Execution): Promise<undefined> {
    const gang = this.#gang(run.resource.status?.assignment, run);
    try {
      await this.#options.client.create(DEPENDENTS[what], this.#render(what, gang) as KubeObject, {
        signal: run.signal,
      });
    } catch (error) {
      // Made before a restart. The name hashes the job's UID and the attempt; a Secret may not be read to make sure.
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
    return undefined;
  }

  #render(what: Dependent, gang: Gang): object {
    switch (what) {
      case 'Secret':
        return renderSecret(gang, this.#options.tokens(gang.job.uid, gang.assignment.attempt));
      case 'Service':
        return renderService(gang);
      case 'NetworkPolicy':
        return renderNetworkPolicy(gang);
      case 'PodGroup':
        return renderPodGroup(gang);
    }
  }

  async #createPod(status: JobStatus, member: number, run: Execution): Promise<undefined> {
    const gang = this.#gang(status.assignment, run);
    const pod = renderPod(gang, member, this.#hostnameOf(nodeOf(gang.assignment, member))) as Pod;
    try {
      this.#wrote(run, PODS, await this.#options.client.create(PODS, pod, { signal: run.signal }));
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      const { name, namespace } = pod.metadata;
      const existing = await this.#options.client.get(PODS, { name, namespace }, { signal: run.signal });
      if (ownerUid(existing) !== run.job.uid) throw new ForeignPodError(name, { cause: error });
    }
    return undefined;
  }

  /** The label by which pods are pinned; on most clusters, but not on all, it is the name of the node. */
  #hostnameOf(node: string): string {
    return this.#options.world.nodes.get(node)?.metadata.labels?.[HOSTNAME] ?? node;
  }

  async #liftGate({ pod: name, uid, node }: Extract<Effect, { type: 'LiftGate' }>, run: Execution): Promise<undefined> {
    const { world, client } = this.#options;
    const { namespace } = run.job;
    const pod = world.pods.get({ namespace, name });
    if (!pod || pod.metadata.uid !== uid) return undefined;
    const gates = (pod.spec?.schedulingGates ?? []).map((gate) => gate.name);
    if (!gates.includes(GATE)) return undefined;
    const patch = renderLift({ uid, gates, selector: pod.spec?.nodeSelector !== undefined }, this.#hostnameOf(node));
    this.#wrote(
      run,
      PODS,
      await client.jsonPatch(PODS, { namespace, name }, patch as JsonPatchOperation[], { signal: run.signal }),
    );
    return undefined;
  }

  async #deletePod(effect: Extract<Effect, { type: 'DeletePod' }>, run: Execution): Promise<undefined> {
    const { pod: name, uid, idle = false } = effect;
    const options = { uid, signal: run.signal, ...(idle && { gracePeriodSeconds: 1 }) };
    return await this.deletePod({ namespace: run.job.namespace, name }, options);
  }

  /** Deletes the pod unless it is gone, or another bears its name by now. */
  deletePod(ref: { namespace: string; name: string }, options: DeleteOptions): Promise<undefined> {
    return ignoreGone(this.#options.client.delete(PODS, ref, options));
  }

  /** Best effort: a gang that cannot be told is ended by deleting its pods when its patience is over. */
  async #signal(
    { ip, number, signal }: Extract<Effect, { type: 'Signal' }>,
    { job, log }: Execution,
  ): Promise<undefined> {
    const words = 'stop' in signal ? `stop ${signal.stop}` : `signal ${signal.name}`;
    const what = `${number} ${words}`;
    if (this.#signalled.get(job.uid) === what) return undefined;
    try {
      await sendToMailbox(ip, MAILBOX_PORT, this.#options.tokens(job.uid, number), words);
      this.#signalled.set(job.uid, what);
    } catch (error) {
      // A checkpoint that was not asked for is work lost: that signal is tried until it is delivered.
      if ('name' in signal) throw error;
      log.info('the gang could not be signalled', { signal: words, error: messageOf(error) });
    }
    return undefined;
  }

  async #emit(
    { level, reason, note }: Extract<Effect, { type: 'EmitEvent' }>,
    { resource, job }: Execution,
  ): Promise<undefined> {
    const regarding = {
      apiVersion: `${GROUP}/${VERSION}`,
      kind: kindOf(resource).kind,
      namespace: job.namespace,
      name: job.name,
      uid: job.uid,
    };
    this.#options.events.record({ regarding, type: level, reason, action: 'Reconcile', note });
    return undefined;
  }
}

/** A pod that bears our name and is not ours: nothing of it is touched. */
export class ForeignPodError extends Error {
  constructor(name: string, options: ErrorOptions) {
    super(`a pod named ${name} exists that does not belong to this job`, options);
  }
}

async function ignoreGone(call: Promise<unknown>): Promise<undefined> {
  try {
    await call;
  } catch (error) {
    // Conflict: the name belongs to another object by now, so the one that was meant is gone.
    if (!(error instanceof NotFoundError || error instanceof ConflictError)) throw error;
  }
  return undefined;
}

function kindOf(resource: JobResource): Resource<JobResource> {
  return resource.kind === 'TrainingJob' ? TRAINING_JOBS : SIMULATION_JOBS;
}

function refOf({ job }: Execution): { namespace: string; name: string } {
  return { namespace: job.namespace, name: job.name };
}
