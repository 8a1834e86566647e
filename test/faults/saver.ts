import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bed } from '../support/bed.ts';
import { pathOf } from '../support/paths.ts';
import { until } from '../support/until.ts';

/**
 * A program that saves its state when it is asked to and never by itself, as docs/user-guide.md wants it done. All members are
 * asked; member 0 saves. Where there is something to resume from, each member writes down what it was told, and ends well.
 */
export const SAVER = `
cd "$CHECKPOINT_DIR"
[ -z "$RESUME_FROM" ] || { echo "$RESUME_FROM, $RESTART_COUNT before" > "resumed-$CX_MEMBER"; exit 0; }
save() { echo saved > "step-$COXSWAIN_ATTEMPT"; echo "step-$COXSWAIN_ATTEMPT" > next; busybox mv next LATEST; }
if [ "$CX_MEMBER" = 0 ]; then trap save USR1; else trap : USR1; fi
echo yes > "ready-$CX_MEMBER"
while :; do sleep 600 & wait; done
`;

/** What a job's spec says of the volume that `claimState` claims, and of what it saves there `before` its end. */
export const savesTo = (before: string): object => ({
  volumes: [{ name: 'state', path: '/state', persistentVolumeClaim: { claimName: 'state' } }],
  checkpoint: { volume: 'state', before },
});

/**
 * Claims a volume that all members can write to.
 * @returns reads one line of a file that the job called `job` has in its folder for checkpoints; '' if there is none.
 */
export async function claimState(bed: Bed, namespace: string, job: string): Promise<(file: string) => Promise<string>> {
  await bed.cluster.recycleVolumes();
  await bed.api.create(pathOf('PersistentVolumeClaim', namespace), {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'state' },
    spec: { storageClassName: 'shared', accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Mi' } } },
  });
  let volume: string | undefined;
  await until(async () => {
    const claim = await bed.api.get<{ spec: { volumeName?: string } }>(
      pathOf('PersistentVolumeClaim', namespace, 'state'),
    );
    volume = claim.spec.volumeName;
    return volume !== undefined;
  });
  const folder = join(bed.cluster.volumeFolder(Number(volume?.replace('shared-', ''))), job);
  return async (file) =>
    await readFile(join(folder, file), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
}
