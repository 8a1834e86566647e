import { describe, expect, it } from 'vitest';
import type { Way } from '../../operator/core/lifecycle/way.ts';
import { renderPod } from '../../operator/render/pod.ts';
import { renderPodGroup } from '../../operator/render/podGroup.ts';
import { gangOf } from './gang.ts';

const nodeSelector = { arch: 'arm64' };

function gangBy(way: Way) {
  const gang = gangOf({ nodeSelector });
  return { ...gang, assignment: { ...gang.assignment, way } };
}

const specBy = (way: Way) => (renderPod(gangBy(way), 1, 'host-a') as { spec: object }).spec;

const pinned = { nodeSelector: { ...nodeSelector, 'kubernetes.io/hostname': 'host-a' } };

describe('what binds a pod', () => {
  it('is behind the gate the patch that lifts it', () => {
    expect(specBy('gate')).toMatchObject({ schedulingGates: [{ name: 'coxswain.dev/gang' }], nodeSelector });
    expect(JSON.stringify(specBy('gate'))).not.toContain('hostname":"host-a');
    expect(specBy('gate')).not.toHaveProperty('schedulingGroup');
  });

  it('is the host name where its room is its own', () => {
    expect(specBy('pinned')).toMatchObject(pinned);
    expect(specBy('pinned')).not.toHaveProperty('schedulingGates');
    expect(specBy('pinned')).not.toHaveProperty('schedulingGroup');
  });

  it('is the host name and the group of its attempt with PodGroups', () => {
    expect(specBy('podGroup')).toMatchObject({ ...pinned, schedulingGroup: { podGroupName: 'heat-abcde' } });
    expect(specBy('podGroup')).not.toHaveProperty('schedulingGates');
  });
});

describe('the PodGroup of an attempt', () => {
  it('bears its name, asks for all members and goes with the job', () => {
    expect(renderPodGroup(gangBy('podGroup'))).toMatchObject({
      apiVersion: 'scheduling.k8s.io/v1beta1',
      metadata: { name: 'heat-abcde', namespace: 'demo', ownerReferences: [{ uid: 'uid-1', controller: true }] },
      spec: { schedulingPolicy: { gang: { minCount: 3 } }, disruptionMode: { all: {} } },
    });
  });
});
