/**
 * Whether gangs may lean on native PodGroups. Their API is beta and off by default, it changed with every version so far,
 * and an API server whose feature gate is off drops the pod's field without a word: so what is served is tried, by writes
 * that are not kept, once for each version of the API server that is met.
 */
import { GATE } from '../core/names.ts';
import type { Client } from '../kube/client.ts';
import { DeniedError, isRefusal, messageOf, NotFoundError } from '../kube/errors.ts';
import { type Clock, type Log, sleep } from '../kube/ports.ts';
import { apiVersion } from '../kube/resource.ts';
import type { KubeObject } from '../kube/types.ts';
import { podGroupSpec } from '../render/podGroup.ts';
import { POD_GROUPS, PODS, type Pod } from './resources.ts';

/** `Served` alone means that they are used. `Denied`: the operator's roles forbid the trial; the rest of `Refused` is final. */
export const FINDINGS = [
  'Served',
  'NotServed',
  'Refused',
  'Denied',
  'FieldDropped',
  'Distrusted',
  'SwitchedOff',
  'Unknown',
] as const;
type Finding = (typeof FINDINGS)[number];

export type Found = { readonly finding: Finding; readonly message: string };

/** Milliseconds between two looks at the version. */
const PERIOD = 60_000;

export type PodGroupsOptions = {
  client: Client;
  /** Where the trial objects would stand. */
  namespace: string;
  /** `never`: the cluster is not asked. */
  use: 'auto' | 'never';
  clock: Clock;
  log: Log;
  /** Told of each new finding. */
  onFound: (finding: Finding) => void;
};

export class PodGroups {
  readonly #options: PodGroupsOptions;
  #found: Found = { finding: 'Unknown', message: 'the API server was not asked yet' };
  /** The API server that was found so: its version, and whether it serves the kind. */
  #of: string | undefined;

  constructor(options: PodGroupsOptions) {
    this.#options = options;
    if (options.use === 'never') this.#find({ finding: 'SwitchedOff', message: 'switched off by configuration' });
  }

  get found(): Found {
    return this.#found;
  }

  get usable(): boolean {
    return this.#found.finding === 'Served';
  }

  /** They did not do what was found of them: they are not used until the API server is another, or this process. */
  distrust(why: string): void {
    if (this.usable) this.#find({ finding: 'Distrusted', message: why });
  }

  /** Looks once, and then again and again until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, PERIOD, signal);
      if (!signal.aborted) await this.look(signal);
    }
  }

  /** Asks which API server it is, and tries what it serves if it is one that was not tried before. Never throws. */
  async look(signal?: AbortSignal): Promise<void> {
    if (this.#options.use === 'never') return;
    try {
      const { client } = this.#options;
      const { gitVersion } = (await client.read('/version', { signal })) as { gitVersion?: string };
      const served = await this.#isServed(signal);
      const of = `${gitVersion ?? ''} ${served}`;
      if (of === this.#of) return;
      this.#find(served ? await this.#try(signal) : { finding: 'NotServed', message: `not served by ${gitVersion}` });
      if (this.#found.finding !== 'Denied') this.#of = of;
    } catch (error) {
      if (signal?.aborted !== true)
        this.#options.log.info('PodGroups could not be looked for', { error: messageOf(error) });
    }
  }

  async #isServed(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const path = `/apis/${apiVersion(POD_GROUPS)}`;
      const { resources = [] } = (await this.#options.client.read(path, { signal })) as {
        resources?: { name: string }[];
      };
      return resources.some(({ name }) => name === POD_GROUPS.plural);
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  async #try(signal: AbortSignal | undefined): Promise<Found> {
    const { client, namespace } = this.#options;
    try {
      await client.create(POD_GROUPS, trialGroup(namespace), { dryRun: true, signal });
      const kept = (await client.create(PODS, trialPod(namespace), { dryRun: true, signal })).spec?.schedulingGroup;
      return kept?.podGroupName === TRIAL
        ? { finding: 'Served', message: `kube-scheduler binds gangs by ${apiVersion(POD_GROUPS)}` }
        : { finding: 'FieldDropped', message: 'the API server drops spec.schedulingGroup of pods' };
    } catch (error) {
      if (!isRefusal(error) && !(error instanceof NotFoundError)) throw error;
      return { finding: error instanceof DeniedError ? 'Denied' : 'Refused', message: messageOf(error) };
    }
  }

  #find(found: Found): void {
    if (found.finding === this.#found.finding && found.message === this.#found.message) return;
    this.#found = found;
    this.#options.log.info('native PodGroups', { ...found });
    this.#options.onFound(found.finding);
  }
}

const TRIAL = 'coxswain-trial';

const trialGroup = (namespace: string): KubeObject & Record<string, unknown> => ({
  metadata: { name: TRIAL, namespace },
  spec: podGroupSpec(1),
});

/** As PodSecurity `restricted` and quotas that demand limits would have it. */
const trialPod = (namespace: string): Pod => {
  const amounts = { cpu: '1m', memory: '1Mi' };
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const container = { name: 'main', image: TRIAL, resources: { requests: amounts, limits: amounts }, securityContext };
  const pod = {
    metadata: { name: TRIAL, namespace },
    spec: {
      schedulingGates: [{ name: GATE }],
      schedulingGroup: { podGroupName: TRIAL },
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [container],
    },
  };
  return pod;
};
