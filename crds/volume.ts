/** Volumes of a job: what PodSecurity `restricted` allows, volume and mount written as one entry. */
import { z } from 'zod';
import { label, objectName, quantity, text } from './fields.ts';
import { type Rule, ruled } from './rule.ts';

const SOURCES = ['persistentVolumeClaim', 'configMap', 'secret', 'emptyDir'] as const;

const oneSource: Rule<Record<string, unknown>> = {
  cel: `[${SOURCES.map((s) => `has(self.${s})`).join(', ')}].filter(x, x).size() == 1`,
  message: `a volume needs exactly one of ${SOURCES.join(', ')}`,
  holds: (self) => SOURCES.filter((s) => self[s] !== undefined).length === 1,
};

/** Folders that cx-launch and the operator own inside the pod. */
const RESERVED = ['/cx', '/cx-token', '/tmp', '/dev/shm'];

/** Slashes may be doubled or trailing: the kernel reads the same folder. */
const RESERVED_PATTERN = `^(${RESERVED.map((p) => p.replaceAll('/', '/+')).join('|')})/*$`;

const freePath: Rule<{ path: string }> = {
  cel: `!self.path.matches('${RESERVED_PATTERN}')`,
  message: `path may not be one of ${RESERVED.join(', ')}: the launcher uses them; choose another folder`,
  fieldPath: '.path',
  holds: (self) => !new RegExp(RESERVED_PATTERN).test(self.path),
};

/** Kubernetes refuses pods whose mounts climb out of the volume. */
const insideVolume: Rule<{ subPath?: string | undefined }> = {
  cel: "!has(self.subPath) || !self.subPath.matches('^/|(^|/)[.][.](/|$)')",
  message: 'subPath must be relative and may not contain ..',
  fieldPath: '.subPath',
  holds: (self) => self.subPath === undefined || !/^\/|(^|\/)[.][.](\/|$)/.test(self.subPath),
};

const volumeRules = [oneSource, freePath, insideVolume];

export const volume = ruled(
  z.object({
    name: label().describe('Name of the volume, unique in the job.'),
    path: text(1024)
      .regex(/^[/][^:]*$/, 'must be an absolute path without a colon')
      .describe('Absolute path where the program finds it.'),
    readOnly: z.boolean().optional().describe('Mount it read-only.'),
    subPath: text(1024).optional().describe('Mount only this folder of the volume.'),
    persistentVolumeClaim: z
      .object({ claimName: objectName().describe("Name of a claim in the job's namespace.") })
      .optional()
      .describe('A claim of the same namespace; ReadWriteMany when members run on several nodes.'),
    configMap: z
      .object({ name: objectName().describe("Name of a ConfigMap in the job's namespace.") })
      .optional()
      .describe('A ConfigMap of the same namespace.'),
    secret: z
      .object({ secretName: objectName().describe("Name of a Secret in the job's namespace.") })
      .optional()
      .describe('A Secret of the same namespace.'),
    emptyDir: z
      .object({
        medium: z.enum(['', 'Memory']).optional().describe('Memory for a tmpfs, empty for the node disk.'),
        sizeLimit: quantity().optional().describe('Most it may hold, e.g. 4Gi.'),
      })
      .optional()
      .describe('Scratch space of one member, gone with its pod.'),
  }),
  volumeRules,
).describe('A volume and where it is mounted.');
