/** Feature gates of Kubernetes that a cluster is asked to switch on, and in which of its programs. */

const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
type Program = (typeof PROGRAMS)[number];

/** By gate: the programs that have it on. A gate that is on in some of them is an upgrade half-way, or a rollback. */
export type Features = Readonly<Record<string, readonly Program[]>>;

/** APIs that are served only when they are asked for, by the gate that they belong to. */
const APIS: Readonly<Record<string, string>> = { GenericWorkload: 'scheduling.k8s.io/v1beta1' };

/** The gates on in all programs, but for those of `except`. */
export function everywhere(gates: readonly string[], except: readonly Program[] = []): Features {
  const programs = PROGRAMS.filter((program) => !except.includes(program));
  return Object.fromEntries(gates.map((gate) => [gate, programs]));
}

/** The flags that switch `features` on in a program; none if it has none of them. */
export function featureFlags(features: Features, program: Program): string[] {
  const on = Object.keys(features).filter((gate) => features[gate]?.includes(program));
  if (on.length === 0) return [];
  const apis = program === 'kube-apiserver' ? on.flatMap((gate) => APIS[gate] ?? []) : [];
  return [
    `--feature-gates=${on.map((gate) => `${gate}=true`).join(',')}`,
    ...(apis.length > 0 ? [`--runtime-config=${apis.map((api) => `${api}=true`).join(',')}`] : []),
  ];
}
