/** Volumes of a member: those the launcher needs, then the user's. */
import type { Gang } from './context.ts';

type Volume = { name: string } & Record<string, unknown>;
type Mount = { name: string; mountPath: string; readOnly?: boolean; subPath?: string };

const OWN: readonly Mount[] = [
  { name: 'cx', mountPath: '/cx' },
  { name: 'cx-token', mountPath: '/cx-token', readOnly: true },
  { name: 'cx-tmp', mountPath: '/tmp' },
  { name: 'cx-shm', mountPath: '/dev/shm' },
];

/** The user's volumes bear a prefix in the pod, so that no name of theirs can meet one of ours. */
const prefixed = (name: string) => `user-${name}`.slice(0, 63).replace(/-+$/, '');

export function volumesOf(gang: Gang): Volume[] {
  const { spec } = gang.program;
  const user = (spec.volumes ?? []).map((v): Volume => {
    const { persistentVolumeClaim, configMap, secret, emptyDir } = v;
    return {
      name: prefixed(v.name),
      ...(persistentVolumeClaim && { persistentVolumeClaim }),
      ...(configMap && { configMap }),
      ...(secret && { secret }),
      ...(emptyDir && { emptyDir }),
    };
  });
  return [
    { name: 'cx', emptyDir: {} },
    // Readable by the pod's own user whatever its id is: only this pod mounts it.
    { name: 'cx-token', secret: { secretName: gang.assignment.name, defaultMode: 0o444 } },
    { name: 'cx-tmp', emptyDir: {} },
    { name: 'cx-shm', emptyDir: { medium: 'Memory', sizeLimit: spec.shm } },
    ...user,
  ];
}

export function mountsOf(gang: Gang): Mount[] {
  const user = (gang.program.spec.volumes ?? []).map((v) => ({
    name: prefixed(v.name),
    mountPath: v.path,
    ...(v.readOnly !== undefined && { readOnly: v.readOnly }),
    ...(v.subPath !== undefined && { subPath: v.subPath }),
  }));
  return [...OWN, ...user];
}
