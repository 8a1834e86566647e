/** Where the kinds that tests touch lie in the API. */
const ROOTS = {
  Pod: '/api/v1 pods',
  Node: '/api/v1 nodes',
  Namespace: '/api/v1 namespaces',
  Service: '/api/v1 services',
  Secret: '/api/v1 secrets',
  ServiceAccount: '/api/v1 serviceaccounts',
  ResourceQuota: '/api/v1 resourcequotas',
  PersistentVolumeClaim: '/api/v1 persistentvolumeclaims',
  Event: '/apis/events.k8s.io/v1 events',
  PodGroup: '/apis/scheduling.k8s.io/v1beta1 podgroups',
  NetworkPolicy: '/apis/networking.k8s.io/v1 networkpolicies',
  Lease: '/apis/coordination.k8s.io/v1 leases',
  Deployment: '/apis/apps/v1 deployments',
  Role: '/apis/rbac.authorization.k8s.io/v1 roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1 rolebindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1 clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1 clusterrolebindings',
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1 customresourcedefinitions',
  SimulationJob: '/apis/coxswain.dev/v1alpha1 simulationjobs',
  TrainingJob: '/apis/coxswain.dev/v1alpha1 trainingjobs',
  Queue: '/apis/coxswain.dev/v1alpha1 queues',
  ComputePool: '/apis/coxswain.dev/v1alpha1 computepools',
  Predictor: '/apis/coxswain.dev/v1alpha1 predictors',
} as const;

export type KindName = keyof typeof ROOTS;

/** Path of a collection, or of one object in it. Without a namespace: of the whole cluster. */
export function pathOf(kind: KindName, namespace?: string, name?: string): string {
  const [root = '', plural = ''] = ROOTS[kind].split(' ');
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${name}`}`;
}
