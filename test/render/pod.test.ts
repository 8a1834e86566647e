import { describe, expect, it } from 'vitest';
import { renderLift, renderPod } from '../../operator/render/pod.ts';
import { gangOf } from './gang.ts';

type Container = { command: string[]; [field: string]: unknown };
type Rendered = {
  metadata: { name: string; labels: Record<string, string>; annotations?: object; ownerReferences: object[] };
  spec: { containers: [Container]; initContainers: [Container]; volumes: object[]; [field: string]: unknown };
};

const pod = (spec: Record<string, unknown> = {}, member = 0, kind: 'SimulationJob' | 'TrainingJob' = 'SimulationJob') =>
  renderPod(gangOf(spec, kind), member, 'host-a') as Rendered;

describe('the pod of a member', () => {
  it('is gated, named after the attempt, owned by the job and never restarted', () => {
    const p = pod({}, 2);
    expect(p.metadata.name).toBe('heat-abcde-2');
    expect(p.spec).toMatchObject({
      schedulingGates: [{ name: 'coxswain.dev/gang' }],
      hostname: 'heat-abcde-2',
      subdomain: 'heat-abcde',
      restartPolicy: 'Never',
    });
    expect(p.metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'SimulationJob', name: 'heat', uid: 'uid-1', controller: true }),
    ]);
    expect(p.metadata.labels).toMatchObject({ 'coxswain.dev/attempt': '2', 'coxswain.dev/member': '2' });
    expect(p.spec).not.toHaveProperty('nodeName');
  });

  it('satisfies PodSecurity restricted and carries no API token', () => {
    const p = pod();
    expect(p.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const container of [...p.spec.containers, ...p.spec.initContainers]) {
      expect(container['securityContext']).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  // The one choke point through which every pod passes: a field that is not listed here is never set.
  it('sets these fields and no others', () => {
    const p = pod({
      uid: 1000,
      gid: 1000,
      fsGroup: 1000,
      nodeSelector: { a: 'b' },
      workingDir: '/w',
      imagePullPolicy: 'Never',
    });
    expect(Object.keys(p.spec).sort()).toEqual([
      'automountServiceAccountToken',
      'containers',
      'enableServiceLinks',
      'hostname',
      'initContainers',
      'nodeSelector',
      'restartPolicy',
      'schedulingGates',
      'securityContext',
      'subdomain',
      'terminationGracePeriodSeconds',
      'tolerations',
      'volumes',
    ]);
    expect(Object.keys(p.spec.containers[0]).sort()).toEqual([
      'command',
      'env',
      'image',
      'imagePullPolicy',
      'name',
      'readinessProbe',
      'resources',
      'securityContext',
      'volumeMounts',
      'workingDir',
    ]);
    expect(p.spec['securityContext']).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      fsGroupChangePolicy: 'OnRootMismatch',
    });
  });

  it('asks for what was planned, requests equal to limits, and no pod slot', () => {
    const amounts = { cpu: '1500m', memory: '1Gi', 'nvidia.com/gpu': '1' };
    expect(pod().spec.containers[0]['resources']).toEqual({ requests: amounts, limits: amounts });
    expect(pod().spec.initContainers[0]['resources']).toEqual({
      requests: { cpu: '1500m', memory: '1Gi' },
      limits: { cpu: '1500m', memory: '1Gi' },
    });
  });

  it('only member 0 is probed', () => {
    expect(pod({}, 0).spec.containers[0]).toHaveProperty('readinessProbe');
    expect(pod({}, 1).spec.containers[0]).not.toHaveProperty('readinessProbe');
  });

  it('wraps the command in the launcher; torch adds torchrun', () => {
    expect(pod({ args: ['--steps', '5'] }).spec.containers[0].command).toEqual([
      '/cx/cx-launch',
      'member',
      '--',
      'heat',
      '--n',
      '32',
      '--steps',
      '5',
    ]);
    const torch = pod({ command: ['train.py'], framework: 'torch' }, 0, 'TrainingJob');
    expect(torch.spec.containers[0].command).toEqual(['/cx/cx-launch', 'member', '--', 'torchrun', 'train.py']);
  });

  it('asks for the runtime of its pool, if that names one', () => {
    expect(renderPod({ ...gangOf(), runtimeClassName: 'nvidia' }, 0, 'a')).toMatchObject({
      spec: { runtimeClassName: 'nvidia' },
    });
  });

  it('leaves a lost node sooner than Kubernetes does', () => {
    const tolerations = pod().spec['tolerations'] as { key: string; tolerationSeconds?: number }[];
    expect(tolerations.map((t) => [t.key, t.tolerationSeconds])).toEqual([
      ['gpu', undefined],
      ['node.kubernetes.io/not-ready', 20],
      ['node.kubernetes.io/unreachable', 20],
    ]);
  });

  it('gives the user’s volumes a name that cannot meet ours', () => {
    const p = pod({ volumes: [{ name: 'cx', path: '/data', persistentVolumeClaim: { claimName: 'data' } }] });
    const names = p.spec.volumes.map((v) => (v as { name: string }).name);
    expect(new Set(names).size).toBe(names.length);
    expect(p.spec.volumes).toContainEqual({ name: 'user-cx', persistentVolumeClaim: { claimName: 'data' } });
  });

  it('never lets labels of the user stand for ours', () => {
    const gang = gangOf({ podLabels: { team: 'cfd' } });
    const forged = { ...gang.program.spec, podLabels: { 'coxswain.dev/member': '9' } };
    const p = renderPod({ ...gang, program: { ...gang.program, spec: forged } as never }, 1, 'host-a') as Rendered;
    expect(p.metadata.labels['coxswain.dev/member']).toBe('1');
  });
});

describe('the patch that lifts the gate', () => {
  it('tests what it relies on, removes only our gate and pins the node', () => {
    const patch = renderLift({ uid: 'u', gates: ['other', 'coxswain.dev/gang'], selector: false }, 'node-1');
    expect(patch).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' },
      { op: 'test', path: '/spec/schedulingGates/1/name', value: 'coxswain.dev/gang' },
      { op: 'remove', path: '/spec/schedulingGates/1' },
      { op: 'add', path: '/spec/nodeSelector', value: { 'kubernetes.io/hostname': 'node-1' } },
    ]);
  });

  it('adds to a node selector that is there, and never replaces it', () => {
    const patch = renderLift({ uid: 'u', gates: ['coxswain.dev/gang'], selector: true }, 'node-1');
    expect(patch.at(-1)).toEqual({ op: 'add', path: '/spec/nodeSelector/kubernetes.io~1hostname', value: 'node-1' });
  });
});
