/**
 * The pod of one member. The single place where a pod is made: every field is listed here, nothing of the user's manifest
 * is passed through unread, and all of it satisfies PodSecurity `restricted`.
 */
import { parseDuration } from '../../crds/duration.ts';
import { formatQuantity } from '../../crds/quantity.ts';
import { wayOf } from '../core/lifecycle/way.ts';
import { GATE, HOSTNAME, LABEL, podName } from '../core/names.ts';
import type { Gang } from './context.ts';
import { environmentOf } from './environment.ts';
import { ownerOf } from './owner.ts';
import { mountsOf, volumesOf } from './volumes.ts';

/** Room for cx-launch to collect the workers' reports after the ranks' own grace. */
const REPORT_SECONDS = 15;

const RESTRICTED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

export function labelsOf(gang: Gang): Record<string, string> {
  return {
    [LABEL.managedBy]: 'coxswain',
    [LABEL.job]: gang.job.name,
    [LABEL.jobUid]: gang.job.uid,
    [LABEL.attempt]: String(gang.assignment.attempt),
  };
}

/** Requests equal limits; the pod slot is counted by the node itself. */
function resourcesOf(gang: Gang, only?: readonly string[]): object {
  const amounts = Object.fromEntries(
    Object.entries(gang.assignment.resources)
      .filter(([name]) => name !== 'pods' && (only === undefined || only.includes(name)))
      .map(([name, value]) => [name, formatQuantity(name, value)]),
  );
  return { requests: amounts, limits: amounts };
}

function commandOf(gang: Gang): string[] {
  const { program } = gang;
  const words = [...program.spec.command, ...(program.spec.args ?? [])];
  const wrapped = program.kind === 'TrainingJob' && program.spec.framework === 'torch' ? ['torchrun', ...words] : words;
  return ['/cx/cx-launch', 'member', '--', ...wrapped];
}

/** A gang leaves a node that does not answer sooner than Kubernetes' own 300 s. */
function lostNodeTolerations(gang: Gang): object[] {
  return ['not-ready', 'unreachable'].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: gang.settings.lostNodeSeconds,
  }));
}

function securityOf(gang: Gang): object {
  const { uid, gid, fsGroup } = gang.program.spec;
  return {
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
    ...(uid !== undefined && { runAsUser: uid }),
    ...(gid !== undefined && { runAsGroup: gid }),
    ...(fsGroup !== undefined && { fsGroup, fsGroupChangePolicy: 'OnRootMismatch' }),
  };
}

function mainContainer(gang: Gang, member: number): object {
  const { spec } = gang.program;
  return {
    name: 'main',
    image: spec.image,
    ...(spec.imagePullPolicy && { imagePullPolicy: spec.imagePullPolicy }),
    command: commandOf(gang),
    ...(spec.workingDir !== undefined && { workingDir: spec.workingDir }),
    env: environmentOf(gang, member),
    ...(spec.envFrom && { envFrom: spec.envFrom }),
    resources: resourcesOf(gang),
    volumeMounts: mountsOf(gang),
    securityContext: RESTRICTED,
    ...(member === 0 && {
      readinessProbe: {
        exec: { command: ['/cx/cx-launch', 'ready'] },
        periodSeconds: 1,
        timeoutSeconds: 5,
        failureThreshold: 1,
      },
    }),
  };
}

function installContainer(gang: Gang): object {
  return {
    name: 'install',
    image: gang.settings.launcherImage,
    command: ['/cx-launch', 'install', '/cx'],
    // As much as the program's, so that the pod as a whole asks for no more, and quotas that demand limits are met.
    resources: resourcesOf(gang, ['cpu', 'memory']),
    volumeMounts: [{ name: 'cx', mountPath: '/cx' }],
    // The launcher's image runs as a user of its own unless the job names one.
    securityContext: { ...RESTRICTED, readOnlyRootFilesystem: true },
  };
}

/**
 * What kube-scheduler may do with the pod. Behind the gate it does not look at it until `renderLift` names the node; in the
 * other ways the pod is pinned from the beginning, by selector, so that kube-scheduler stays the judge of what fits.
 */
function bindingOf({ program, assignment }: Gang, hostname: string): object {
  const { nodeSelector } = program.spec;
  const way = wayOf(assignment);
  if (way === 'gate') return { schedulingGates: [{ name: GATE }], ...(nodeSelector && { nodeSelector }) };
  return {
    nodeSelector: { ...nodeSelector, [HOSTNAME]: hostname },
    ...(way === 'podGroup' && { schedulingGroup: { podGroupName: assignment.name } }),
  };
}

/** The pod of `member`; `hostname` is the hostname label of the node that it was assigned. */
export function renderPod(gang: Gang, member: number, hostname: string): object {
  const { job, program, assignment } = gang;
  const { spec } = program;
  const name = podName(assignment.name, member);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: job.namespace,
      labels: { ...spec.podLabels, ...labelsOf(gang), [LABEL.member]: String(member) },
      ...(spec.podAnnotations && { annotations: spec.podAnnotations }),
      ownerReferences: [ownerOf(gang)],
    },
    spec: {
      ...bindingOf(gang, hostname),
      ...(gang.runtimeClassName !== undefined && { runtimeClassName: gang.runtimeClassName }),
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      hostname: name,
      subdomain: assignment.name,
      terminationGracePeriodSeconds: parseDuration(spec.grace) + REPORT_SECONDS,
      securityContext: securityOf(gang),
      tolerations: [...gang.tolerations, ...lostNodeTolerations(gang)],
      ...(spec.imagePullSecrets && { imagePullSecrets: spec.imagePullSecrets }),
      volumes: volumesOf(gang),
      initContainers: [installContainer(gang)],
      containers: [mainContainer(gang, member)],
    },
  };
}

/**
 * The one patch that lifts our gate and pins the pod to its node. Tests guard it: another UID, a gate already lifted, or
 * gates of others in another order make the API server refuse it. Foreign gates stay.
 * `selector`: the pod's present node selector; null where it has none.
 */
export function renderLift(
  pod: { uid: string; gates: readonly string[]; selector: boolean },
  hostname: string,
): object[] {
  const index = pod.gates.indexOf(GATE);
  const pin = pod.selector
    ? { op: 'add', path: `/spec/nodeSelector/${HOSTNAME.replace('/', '~1')}`, value: hostname }
    : { op: 'add', path: '/spec/nodeSelector', value: { [HOSTNAME]: hostname } };
  return [
    { op: 'test', path: '/metadata/uid', value: pod.uid },
    { op: 'test', path: `/spec/schedulingGates/${index}/name`, value: GATE },
    { op: 'remove', path: `/spec/schedulingGates/${index}` },
    pin,
  ];
}
