/** Who may do what: the operator by the code's own list, people by three roles. */
import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { KINDS } from '../crds/index.ts';
import { GROUP } from '../crds/kind.ts';
import { type Access, CLUSTER_ACCESS, OWN_NAMESPACE_ACCESS } from '../operator/access.ts';
import { raw, type Templated } from './raw.ts';
import { clusterMetadata, type Entry, FULLNAME, metadata, named } from './template.ts';

const RBAC = 'rbac.authorization.k8s.io';
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection'];

const pluralsOf = (scope: 'Namespaced' | 'Cluster') =>
  KINDS.filter((kind) => kind.scope === scope).map((kind): string => kind.plural);

const ruleOf = ({ apiGroup, resources, verbs, names }: Access): V1PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [...resources],
  verbs: [...verbs],
  ...(names && { resourceNames: [...names] }),
});

const account = raw('include "coxswain.serviceAccountName" .');
const subjects = [{ kind: 'ServiceAccount', name: account, namespace: raw('.Release.Namespace') }];
const roleRef = (kind: 'ClusterRole' | 'Role') => ({ apiGroup: RBAC, kind, name: FULLNAME });

const serviceAccount = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { ...metadata(account), annotations: raw('toJson .Values.serviceAccount.annotations') },
} satisfies Templated<V1ServiceAccount>;

const clusterRole = {
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: clusterMetadata(),
  rules: CLUSTER_ACCESS.map(ruleOf),
} satisfies Templated<V1ClusterRole>;

const clusterRoleBinding = {
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: clusterMetadata(),
  roleRef: roleRef('ClusterRole'),
  subjects,
} satisfies Templated<V1ClusterRoleBinding>;

const role = {
  apiVersion: `${RBAC}/v1`,
  kind: 'Role',
  metadata: metadata(),
  rules: OWN_NAMESPACE_ACCESS.map(ruleOf),
} satisfies Templated<V1Role>;

const roleBinding = {
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: metadata(),
  roleRef: roleRef('Role'),
  subjects,
} satisfies Templated<V1RoleBinding>;

export const operatorAccount: Entry[] = [{ manifest: serviceAccount, when: '.Values.serviceAccount.create' }];

export const operatorRoles: Entry[] = [clusterRole, clusterRoleBinding, role, roleBinding].map((manifest) => ({
  manifest,
  when: '.Values.rbac.create',
}));

function userRole(name: string, rules: V1PolicyRule[], aggregate = ''): Entry {
  const labels = aggregate ? raw(`include "coxswain.viewerLabels" .`) : clusterMetadata().labels;
  const manifest = {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: named(name), labels },
    rules,
  } satisfies Templated<V1ClusterRole>;
  return { manifest, when: '.Values.rbac.userRoles' };
}

const reading = { apiGroups: [GROUP], resources: KINDS.map((kind): string => kind.plural), verbs: READ };

/**
 * The viewer joins Kubernetes' own `view` role. The editor joins nothing: who may create a job can run any image with
 * every Secret of the namespace, so an administrator should grant it on purpose.
 */
export const userRoles: Entry[] = [
  userRole('viewer', [reading], 'view'),
  userRole('editor', [reading, { apiGroups: [GROUP], resources: pluralsOf('Namespaced'), verbs: WRITE }]),
  userRole('queue-admin', [reading, { apiGroups: [GROUP], resources: pluralsOf('Cluster'), verbs: WRITE }]),
];
