/** Pods that try each other's ports. */
import { parse } from 'yaml';
import { METRICS_PORT } from '../../charts/operator.ts';
import { CHART } from '../charts/helm.ts';
import { PROBE_IMAGE } from '../integration/probeImage.ts';
import type { Bed } from './bed.ts';
import { RELEASE, SYSTEM } from './chart.ts';
import type { Thing } from './kubeApi.ts';
import { pathOf } from './paths.ts';
import { MARK } from './prepare.ts';

export type Verdict = 'open' | 'shut';
export type PodRef = { readonly namespace: string; readonly name: string };

/** Of a program that nobody but its gang may reach. */
export const PORT = 9000;

/** Listens there, and where the operator shows its metrics. */
export const SERVE = `httpd -p ${METRICS_PORT} -h /bin; exec httpd -f -p ${PORT} -h /bin`;

/** Starts a pod that no job owns on one node; it serves on both ports. */
export async function runPlain(
  bed: Bed,
  pod: PodRef,
  node: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<PodRef> {
  await bed.api.create(pathOf('Pod', pod.namespace), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...pod, labels: { ...labels, [MARK]: 'true' } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'program',
          image: PROBE_IMAGE,
          imagePullPolicy: 'Never',
          command: ['sh', '-c', SERVE],
          resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '500m', memory: '32Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
  return pod;
}

/** Address of a pod, once it runs. */
export async function addressOf(bed: Bed, { namespace, name }: PodRef): Promise<string> {
  return await bed.history.until(`the pod ${name} to run`, () => {
    const pod = bed.history.now('Pod', namespace).find(({ metadata }) => metadata.name === name);
    return pod?.status?.phase === 'Running' ? pod.status.podIP : undefined;
  });
}

/** Puts up the policy that the chart renders for the operator itself; the labels of the pods that it is for. */
export async function wallOperator(bed: Bed): Promise<Record<string, string>> {
  const template = ['template', RELEASE, CHART, `--namespace=${SYSTEM}`, '--show-only=templates/networkpolicy.yaml'];
  type Policy = Thing & { spec: { podSelector: { matchLabels: Record<string, string> } } };
  const policy = parse(await bed.cluster.helm(template)) as Policy;
  policy.metadata.labels = { ...policy.metadata.labels, [MARK]: 'true' };
  await bed.api.patch(pathOf('NetworkPolicy', SYSTEM, policy.metadata.name), policy, 'apply');
  return policy.spec.podSelector.matchLabels;
}

/** Takes away what the two above made, in this run or one that was killed. */
export async function removeWalls(bed: Bed): Promise<void> {
  const marked = ['--all-namespaces', `--selector=${MARK}=true`];
  await bed.cluster.kubectl(['delete', 'pod,networkpolicy', ...marked, '--now']);
}

/** Tries to connect from a pod to each of `ports`, `address port` by name, all at once; 3 s without an answer are shut. */
export async function ask(
  bed: Bed,
  { namespace, name }: PodRef,
  ports: Readonly<Record<string, string>>,
): Promise<Record<string, Verdict>> {
  const tries = Object.entries(ports).map(
    ([what, to]) => `{ busybox nc -w 3 ${to} </dev/null >/dev/null 2>&1 && echo ${what} open || echo ${what} shut; } &`,
  );
  const script = [...tries, 'wait'].join('\n');
  const said = await bed.cluster.kubectl(['exec', `--namespace=${namespace}`, name, '--', 'sh', '-c', script]);
  return Object.fromEntries(
    said
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, Verdict]),
  );
}
