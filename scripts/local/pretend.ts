/** `npm start` without root: real control plane, pretend nodes. Shows queueing and placing; nothing computes. */
import type { Cluster } from '../../test/cluster/api.ts';
import { admitExamples, prepareExamples } from './examples.ts';
import { installWithoutPods, startHostOperator } from './hostOperator.ts';
import type { JobReport } from './jobs.ts';
import type { Log } from './progress.ts';

export const LEFT_OUT = [
  'left out without root: real nodes, containers, images, the MPI and training programs, and with them',
  'verified results; the operator runs as a process of this machine instead of as pods of its chart',
];

/** Fake nodes carry a taint, so that nothing lands on them unasked: the pool of the demonstration asks. */
const POOL = {
  apiVersion: 'coxswain.dev/v1alpha1',
  kind: 'ComputePool',
  metadata: { name: 'default' },
  spec: {
    selector: { matchLabels: { type: 'kwok' } },
    tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Equal', value: 'fake', effect: 'NoSchedule' }],
  },
};

/** Runs the examples as far as pretend nodes can; the operator ends with it. */
export async function pretend(cluster: Cluster, log: Log): Promise<JobReport[]> {
  await installWithoutPods(cluster);
  // Before the operator makes a default pool of its own.
  await cluster.kubectl(['apply', '--filename=-'], { input: JSON.stringify(POOL) });
  const operator = await startHostOperator(cluster);
  log(`operator runs as process ${operator.pid}, log in ${operator.log}`);
  try {
    await prepareExamples(cluster);
    return await admitExamples(cluster, log);
  } finally {
    await operator.stop();
  }
}
