/** What a render needs besides the job: images and ports the installation chose. */
import type { Assignment } from '../../crds/jobStatus.ts';
import type { Job, Program } from '../core/job.ts';
import { podName } from '../core/names.ts';

export const MAILBOX_PORT = 7117;

export type RenderSettings = {
  /** Image with the static cx-launch binary. */
  readonly launcherImage: string;
  /** Namespace of the operator; its pods may signal member 0. */
  readonly operatorNamespace: string;
  /** Seconds a pod stays on a node that is not ready or unreachable before it is evicted. */
  readonly lostNodeSeconds: number;
};

/** An attempt to be rendered. */
export type Gang = {
  readonly job: Job;
  readonly program: Program;
  readonly assignment: Assignment;
  readonly settings: RenderSettings;
  /** Tolerations of the pool. */
  readonly tolerations: readonly object[];
  /** RuntimeClass of the pool. */
  readonly runtimeClassName?: string;
};

/** DNS name of a member inside the cluster; the search list adds the cluster's domain. */
export function hostOf(gang: Gang, member: number | '%d'): string {
  const { name } = gang.assignment;
  const pod = member === '%d' ? `${name}-%d` : podName(name, member);
  return `${pod}.${name}.${gang.job.namespace}.svc`;
}
