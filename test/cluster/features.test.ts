import { describe, expect, it } from 'vitest';
import { everywhere, featureFlags } from './features.ts';

describe('the feature gates of a cluster', () => {
  it('are on in all programs, and their APIs served', () => {
    const features = everywhere(['GenericWorkload', 'DRAWorkloadResourceClaims']);
    const gates = '--feature-gates=GenericWorkload=true,DRAWorkloadResourceClaims=true';
    expect(featureFlags(features, 'kube-apiserver')).toEqual([
      gates,
      '--runtime-config=scheduling.k8s.io/v1beta1=true',
    ]);
    expect(featureFlags(features, 'kube-scheduler')).toEqual([gates]);
  });

  it('are off where they are left out', () => {
    const features = everywhere(['GenericWorkload'], ['kube-apiserver']);
    expect(featureFlags(features, 'kube-apiserver')).toEqual([]);
    expect(featureFlags(features, 'kube-controller-manager')).toEqual(['--feature-gates=GenericWorkload=true']);
    expect(featureFlags({}, 'kube-scheduler')).toEqual([]);
  });
});
