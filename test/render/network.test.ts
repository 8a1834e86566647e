import { describe, expect, it } from 'vitest';
import { renderNetworkPolicy, renderSecret, renderService } from '../../operator/render/network.ts';
import { gangOf } from './gang.ts';

const own = { 'coxswain.dev/job-uid': 'uid-1', 'coxswain.dev/attempt': '2' };

describe('what an attempt leans on', () => {
  it('a headless service that publishes members before they are ready', () => {
    expect(renderService(gangOf())).toMatchObject({
      metadata: { name: 'heat-abcde', namespace: 'demo' },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: true,
        selector: { ...own, 'coxswain.dev/member': '0' },
      },
    });
  });

  it('a policy that lets in members of the same attempt on all ports, the operator on the mailbox, and nobody else', () => {
    const policy = renderNetworkPolicy(gangOf()) as { spec: { ingress: object[] } };
    expect(policy.spec).toEqual({
      podSelector: { matchLabels: own },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: own } }] },
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'coxswain-system' } },
              podSelector: { matchLabels: { 'app.kubernetes.io/name': 'coxswain' } },
            },
          ],
          ports: [{ protocol: 'TCP', port: 7117 }],
        },
      ],
    });
  });

  it('a secret that cannot be changed', () => {
    expect(renderSecret(gangOf(), 'f00d')).toMatchObject({ immutable: true, stringData: { token: 'f00d' } });
  });
});
