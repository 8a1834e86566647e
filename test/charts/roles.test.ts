import { describe, expect, it } from 'vitest';
import { type Access, CLUSTER_ACCESS, OWN_NAMESPACE_ACCESS } from '../../operator/access.ts';

const all = [...CLUSTER_ACCESS, ...OWN_NAMESPACE_ACCESS];
const verbsOn = (list: readonly Access[], resource: string) =>
  list.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);

describe('what the operator may do', () => {
  it('has no wildcard, no shell into pods, no power over powers', () => {
    const resources = all.flatMap((access) => access.resources);
    const verbs = all.flatMap((access) => access.verbs);
    expect(all.map(({ apiGroup }) => apiGroup)).not.toContain('rbac.authorization.k8s.io');
    expect(all.map(({ apiGroup }) => apiGroup)).not.toContain('admissionregistration.k8s.io');
    for (const word of ['*', 'pods/exec', 'pods/attach', 'nodes/proxy', 'serviceaccounts/token']) {
      expect(resources).not.toContain(word);
    }
    for (const word of ['*', 'bind', 'escalate', 'impersonate', 'deletecollection']) expect(verbs).not.toContain(word);
  });

  it('reads no Secret but its own', () => {
    expect(verbsOn(CLUSTER_ACCESS, 'secrets')).toEqual(['create', 'delete']);
    const own = OWN_NAMESPACE_ACCESS.filter(({ resources }) => resources.includes('secrets'));
    expect(own.map(({ verbs, names }) => [verbs, names])).toEqual([[['get'], ['coxswain-token-key']]]);
  });

  it('only looks at nodes', () => {
    expect(verbsOn(all, 'nodes')).toEqual(['list', 'watch']);
  });

  it('names objects only for verbs that the API server can judge by name', () => {
    for (const { names, verbs } of all) if (names) expect(verbs).not.toEqual(expect.arrayContaining(['create']));
  });
});
