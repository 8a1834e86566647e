import { describe, expect, it } from 'vitest';
import { ownerKeys, ownerUid, viewPod } from '../../operator/controllers/podView.ts';
import type { Pod } from '../../operator/controllers/resources.ts';

const base: Pod = {
  metadata: {
    name: 'heat-abcde-1',
    namespace: 'demo',
    uid: 'u',
    labels: { 'coxswain.dev/attempt': '3', 'coxswain.dev/member': '1' },
  },
};

describe('a pod as the core sees it', () => {
  it('gated and unscheduled', () => {
    const spec = { schedulingGates: [{ name: 'coxswain.dev/gang' }] };
    expect(viewPod({ ...base, spec, status: { phase: 'Pending' } })).toEqual({
      name: 'heat-abcde-1',
      uid: 'u',
      attempt: 3,
      member: 1,
      phase: 'Pending',
      gated: true,
      deleting: false,
      ready: false,
      started: false,
    });
  });

  it('is read once for each of its versions', () => {
    const pending: Pod = { ...base, status: { phase: 'Pending' } };
    expect(viewPod(pending)).toBe(viewPod(pending));
    expect(viewPod({ ...pending, status: { phase: 'Running' } }).phase).toBe('Running');
  });

  it('a foreign gate is not ours', () => {
    expect(viewPod({ ...base, spec: { schedulingGates: [{ name: 'other' }] } }).gated).toBe(false);
  });

  it('shows the scheduler’s words only while it cannot bind', () => {
    const condition = (reason: string) => ({ type: 'PodScheduled', status: 'False', reason, message: 'no room' });
    const seen = (reason: string) => viewPod({ ...base, status: { conditions: [condition(reason)] } }).unschedulable;
    expect(seen('Unschedulable')).toBe('no room');
    expect(seen('SchedulingGated')).toBeUndefined();
  });

  it('finds a complaint in an init container too, and ignores the usual course of things', () => {
    const waiting = (reason: string) => [{ name: 'install', state: { waiting: { reason, message: 'm' } } }];
    const seen = (reason: string) => viewPod({ ...base, status: { initContainerStatuses: waiting(reason) } }).waiting;
    expect(seen('ErrImagePull')).toEqual({ reason: 'ErrImagePull', message: 'm' });
    expect(seen('PodInitializing')).toBeUndefined();
  });

  it('reads the end of the main container', () => {
    const terminated = { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-01-01T00:00:00Z' };
    const status = { phase: 'Failed', containerStatuses: [{ name: 'main', state: { terminated } }] };
    expect(viewPod({ ...base, status }).terminated).toEqual({
      exitCode: 137,
      reason: 'OOMKilled',
      finishedAt: 1_767_225_600,
    });
  });

  it('belongs to a job only by its controller reference', () => {
    const owner = { apiVersion: 'coxswain.dev/v1alpha1', kind: 'SimulationJob', name: 'heat', uid: 'job' };
    const withOwner = (more: object): Pod => ({
      metadata: { ...base.metadata, ownerReferences: [{ ...owner, ...more }] },
    });
    expect(ownerUid(withOwner({ controller: true }))).toBe('job');
    expect(ownerUid(withOwner({ controller: false }))).toBeUndefined();
    expect(ownerUid(withOwner({ controller: true, apiVersion: 'batch/v1' }))).toBeUndefined();
    expect(ownerUid(base)).toBeUndefined();
    expect(ownerKeys(withOwner({ controller: true }))).toEqual(['SimulationJob/demo/heat']);
    expect(ownerKeys(base)).toEqual([]);
  });

  it('that was disowned belongs to the job of its labels, unless another controls it', () => {
    const labels = {
      'app.kubernetes.io/managed-by': 'coxswain',
      'coxswain.dev/job': 'heat',
      'coxswain.dev/job-uid': 'job',
    };
    const pod: Pod = { ...base, metadata: { ...base.metadata, labels } };
    expect(ownerUid(pod)).toBe('job');
    expect(ownerKeys(pod)).toEqual(['SimulationJob/demo/heat', 'TrainingJob/demo/heat']);
    expect(viewPod(pod).disowned).toBe(true);
    const other = { apiVersion: 'batch/v1', kind: 'Job', name: 'heat', uid: 'other', controller: true };
    const adopted: Pod = { ...pod, metadata: { ...pod.metadata, ownerReferences: [other] } };
    expect(ownerUid(adopted)).toBeUndefined();
    expect(ownerKeys(adopted)).toEqual([]);
  });
});
