/** Environment of the program. References name objects of the job's own namespace only: there is no namespace field. */
import { z } from 'zod';
import { objectName, text } from './fields.ts';
import { type Rule, ruled } from './rule.ts';

/**
 * Variables that tell a rank who it is. They differ per member and attempt, so a user's value could only be wrong; all
 * others that the operator sets are defaults which the user may override.
 */
const IDENTITY_VARIABLES = [
  'MASTER_ADDR',
  'NNODES',
  'NODE_RANK',
  'RANK',
  'WORLD_SIZE',
  'LOCAL_RANK',
  'LOCAL_WORLD_SIZE',
  'RESTART_COUNT',
  'RESUME_FROM',
  'CHECKPOINT_DIR',
  'JAX_COORDINATOR_ADDRESS',
  'JAX_NUM_PROCESSES',
  'JAX_PROCESS_ID',
] as const;

const IDENTITY_PREFIXES = ['CX_', 'COXSWAIN_', 'PET_'] as const;

function isIdentityVariable(name: string): boolean {
  return IDENTITY_VARIABLES.some((v) => v === name) || IDENTITY_PREFIXES.some((p) => name.startsWith(p));
}

const notIdentity: Rule<{ name: string }> = {
  cel: [
    `!(self.name in [${IDENTITY_VARIABLES.map((v) => `'${v}'`).join(', ')}])`,
    ...IDENTITY_PREFIXES.map((p) => `!self.name.startsWith('${p}')`),
  ].join(' && '),
  message:
    'this variable tells each rank who it is and is set by the operator; remove it (identity: MASTER_ADDR, NNODES, RANK and the like, CX_*, COXSWAIN_*, PET_*)',
  fieldPath: '.name',
  holds: (self) => !isIdentityVariable(self.name),
};

const oneValue: Rule<{ value?: string | undefined; valueFrom?: unknown }> = {
  cel: '!(has(self.value) && has(self.valueFrom))',
  message: 'give either value or valueFrom, not both',
  holds: (self) => !(self.value !== undefined && self.valueFrom !== undefined),
};

const envRules = [notIdentity, oneValue];

/** Exactly one of two optional blocks. */
const oneOf = (a: string, b: string): Rule<Record<string, unknown>> => ({
  cel: `has(self.${a}) != has(self.${b})`,
  message: `give exactly one of ${a}, ${b}`,
  holds: (self) => (self[a] !== undefined) !== (self[b] !== undefined),
});

const keyOf = (kind: string) =>
  z
    .object({
      name: objectName().describe(`Name of a ${kind} in the job's namespace.`),
      key: text(253).describe(`Key in the ${kind}.`),
      optional: z.boolean().optional().describe('Start without the variable when it does not exist.'),
    })
    .optional()
    .describe(`One key of a ${kind} of the same namespace.`);

const source = ruled(z.object({ secretKeyRef: keyOf('Secret'), configMapKeyRef: keyOf('ConfigMap') }), [
  oneOf('secretKeyRef', 'configMapKeyRef'),
]);

export const envVar = ruled(
  z.object({
    name: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/)
      .describe('Name of the variable.'),
    value: text(8192).optional().describe('Its value.'),
    valueFrom: source.optional().describe('Where the value comes from.'),
  }),
  envRules,
).describe('One environment variable of the program.');

export const envFrom = ruled(
  z.object({
    prefix: text(253).optional().describe('Put before each name.'),
    secretRef: z
      .object({ name: objectName().describe('Name of the Secret.') })
      .optional()
      .describe('All keys of a Secret.'),
    configMapRef: z
      .object({ name: objectName().describe('Name of the ConfigMap.') })
      .optional()
      .describe('All keys of a ConfigMap.'),
  }),
  [oneOf('secretRef', 'configMapRef')],
).describe('Environment variables from all keys of one object of the same namespace.');
