/**
 * The environment of a member: defaults that the user may override, the user's own, and who the member is, which nobody
 * may override (refused at admission). Every member gets the dialects of all launches with correct values.
 */
import { parseDuration } from '../../crds/duration.ts';
import { procsPerNode } from '../core/job.ts';
import { type Gang, hostOf, MAILBOX_PORT } from './context.ts';

type EnvVar = { name: string; value?: string; valueFrom?: object };

const MASTER_PORT = '29500';
const JAX_PORT = '29501';

/** Who starts the ranks, as cx-launch calls it. */
function launchOf(program: Gang['program']): string {
  if (program.kind === 'TrainingJob') return 'direct';
  return program.spec.launcher === 'mpirun' ? 'mpirun' : program.spec.mpi;
}

/** What cx-launch reads; docs/launch-protocol.md. */
function launcher(gang: Gang, member: number): Record<string, string> {
  const { program, assignment } = gang;
  return {
    CX_MEMBER: String(member),
    CX_MEMBERS: String(assignment.members),
    CX_PROCS: String(procsPerNode(program)),
    CX_LAUNCH: launchOf(program),
    CX_MAILBOX: `${hostOf(gang, 0)}:${MAILBOX_PORT}`,
    CX_HOSTS: hostOf(gang, '%d'),
    CX_TOKEN_FILE: '/cx-token/token',
    CX_GRACE: String(parseDuration(program.spec.grace)),
  };
}

/** Where the members meet, and which one this is: for plain scripts, and for torch inside an MPI program. */
function meeting(gang: Gang, member: number): Record<string, string> {
  return {
    MASTER_ADDR: hostOf(gang, 0),
    NNODES: String(gang.assignment.members),
    NODE_RANK: String(member),
  };
}

/**
 * Rendezvous of torch, torchrun (PET_*, static: the width of an attempt never changes) and JAX, one process of which a member
 * runs. Names and values: PyTorch's torchrun and environment initialisation, JAX's jax.distributed.initialize.
 */
function rendezvous(gang: Gang, member: number): Record<string, string> {
  const { assignment, program } = gang;
  const members = String(assignment.members);
  const procs = procsPerNode(program);
  const master = hostOf(gang, 0);
  const port = program.spec.env?.find((e) => e.name === 'MASTER_PORT')?.value ?? MASTER_PORT;
  return {
    PET_NNODES: members,
    PET_NPROC_PER_NODE: String(procs),
    PET_NODE_RANK: String(member),
    PET_MASTER_ADDR: master,
    PET_MASTER_PORT: port,
    PET_RDZV_ID: assignment.name,
    // The operator alone restarts: torchrun's own restart of one group would leave the others hanging.
    PET_MAX_RESTARTS: '0',
    JAX_COORDINATOR_ADDRESS: `${master}:${JAX_PORT}`,
    JAX_NUM_PROCESSES: members,
    JAX_PROCESS_ID: String(member),
    // Only where one process per member makes them true; torchrun sets them itself otherwise.
    ...(procs === 1 && { RANK: String(member), WORLD_SIZE: members, LOCAL_RANK: '0', LOCAL_WORLD_SIZE: '1' }),
  };
}

function identity(gang: Gang, member: number): Record<string, string> {
  const { job, assignment, program } = gang;
  const { checkpoint, volumes } = program.spec;
  const volume = volumes?.find((v) => v.name === checkpoint?.volume);
  return {
    ...launcher(gang, member),
    COXSWAIN_JOB: job.name,
    COXSWAIN_ATTEMPT: String(assignment.attempt),
    RESTART_COUNT: String(assignment.attempt - 1),
    COXSWAIN_RANK0: hostOf(gang, 0),
    ...meeting(gang, member),
    ...(program.kind === 'TrainingJob' && rendezvous(gang, member)),
    ...(checkpoint && volume && { CHECKPOINT_DIR: `${volume.path}/${checkpoint.path ?? job.name}` }),
  };
}

const DEFAULTS: Record<string, string> = {
  TMPDIR: '/tmp',
  HOME: '/tmp',
  PYTHONUNBUFFERED: '1',
  MASTER_PORT,
  PET_RDZV_BACKEND: 'static',
};

/** Environment of `member`, in the order defaults, user's, identity; a later name wins by leaving the earlier out. */
export function environmentOf(gang: Gang, member: number): EnvVar[] {
  const own = identity(gang, member);
  const user = (gang.program.spec.env ?? []).filter((e) => !(e.name in own));
  const named = new Set([...user.map((e) => e.name), ...Object.keys(own)]);
  const plain = ([name, value]: [string, string]): EnvVar => ({ name, value });
  return [
    ...Object.entries(DEFAULTS)
      .filter(([name]) => !named.has(name))
      .map(plain),
    ...user.map((e) => ({
      name: e.name,
      ...(e.value !== undefined && { value: e.value }),
      ...(e.valueFrom && { valueFrom: e.valueFrom }),
    })),
    ...Object.entries(own).map(plain),
  ];
}
