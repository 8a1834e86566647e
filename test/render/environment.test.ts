/** What a member finds in its environment: notes on launching training §1, and docs/launch-protocol.md. */
import { describe, expect, it } from 'vitest';
import { environmentOf } from '../../operator/render/environment.ts';
import { gangOf } from './gang.ts';

type Kind = 'SimulationJob' | 'TrainingJob';

/** Environment of a member of a gang of three, by name. */
function env(spec: Record<string, unknown> = {}, member = 0, kind: Kind = 'SimulationJob') {
  return Object.fromEntries(environmentOf(gangOf(spec, kind), member).map(({ name, value }) => [name, value]));
}

describe('the environment', () => {
  it('tells the launcher who and how many', () => {
    expect(env({ procsPerNode: 4 }, 1)).toMatchObject({
      CX_MEMBER: '1',
      CX_MEMBERS: '3',
      CX_PROCS: '4',
      CX_LAUNCH: 'openmpi',
      CX_MAILBOX: 'heat-abcde-0.heat-abcde.demo.svc:7117',
      CX_HOSTS: 'heat-abcde-%d.heat-abcde.demo.svc',
      COXSWAIN_ATTEMPT: '2',
    });
  });

  it('says who starts the ranks', () => {
    expect(env({ mpi: 'mpich' })['CX_LAUNCH']).toBe('mpich');
    expect(env({ launcher: 'mpirun' })['CX_LAUNCH']).toBe('mpirun');
    expect(env({ launcher: 'mpirun', mpi: 'mpich' })['CX_LAUNCH']).toBe('mpirun');
  });

  it('lets simulations meet as well, but numbers no rank: MPI does', () => {
    const simulation = env({ procsPerNode: 1 }, 2);
    expect(simulation).toMatchObject({ MASTER_PORT: '29500', NNODES: '3', NODE_RANK: '2' });
    for (const name of ['RANK', 'WORLD_SIZE', 'JAX_PROCESS_ID', 'PET_NNODES'])
      expect(simulation).not.toHaveProperty(name);
  });

  it('torchrun meets at the port that the user chose', () => {
    const training = env({ env: [{ name: 'MASTER_PORT', value: '23456' }] }, 1, 'TrainingJob');
    expect(training).toMatchObject({ MASTER_PORT: '23456', PET_MASTER_PORT: '23456' });
  });

  it('a user’s value wins over a default and appears once; identity wins over everything', () => {
    const user = environmentOf(gangOf({ env: [{ name: 'HOME', value: '/home/me' }] }), 0);
    expect(user.filter(({ name }) => name === 'HOME')).toEqual([{ name: 'HOME', value: '/home/me' }]);
    const gang = gangOf();
    const forged = { ...gang.program.spec, env: [{ name: 'CX_MEMBER', value: '0' }] };
    const own = environmentOf({ ...gang, program: { ...gang.program, spec: forged } as never }, 1);
    expect(own.filter(({ name }) => name === 'CX_MEMBER')).toEqual([{ name: 'CX_MEMBER', value: '1' }]);
  });

  it('names the checkpoint folder on the job’s volume', () => {
    const volumes = [{ name: 'scratch', path: '/ckpt', emptyDir: {} }];
    expect(env({ volumes, checkpoint: { volume: 'scratch' } })['CHECKPOINT_DIR']).toBe('/ckpt/heat');
  });
});

describe('the whole environment of a training', () => {
  const HEAD = 'heat-abcde-0.heat-abcde.demo.svc';

  /** Of member 2, in the second attempt. */
  function training(gpusPerNode: number) {
    const volumes = [{ name: 'scratch', path: '/ckpt', emptyDir: {} }];
    const checkpoint = { volume: 'scratch', path: 'run' };
    const rendered = environmentOf(gangOf({ gpusPerNode, grace: '30s', volumes, checkpoint }, 'TrainingJob'), 2);
    const named = Object.fromEntries(rendered.map(({ name, value }) => [name, value]));
    expect(rendered).toHaveLength(Object.keys(named).length);
    return named;
  }

  const always = {
    TMPDIR: '/tmp',
    HOME: '/tmp',
    PYTHONUNBUFFERED: '1',
    CX_MEMBER: '2',
    CX_MEMBERS: '3',
    CX_LAUNCH: 'direct',
    CX_MAILBOX: `${HEAD}:7117`,
    CX_HOSTS: 'heat-abcde-%d.heat-abcde.demo.svc',
    CX_TOKEN_FILE: '/cx-token/token',
    CX_GRACE: '30',
    COXSWAIN_JOB: 'heat',
    COXSWAIN_ATTEMPT: '2',
    COXSWAIN_RANK0: HEAD,
    RESTART_COUNT: '1',
    CHECKPOINT_DIR: '/ckpt/run',
    MASTER_ADDR: HEAD,
    MASTER_PORT: '29500',
    NNODES: '3',
    NODE_RANK: '2',
    // Static: no PET_RDZV_ENDPOINT and no PET_RDZV_CONF, which are for members that come and go.
    PET_RDZV_BACKEND: 'static',
    PET_RDZV_ID: 'heat-abcde',
    PET_NNODES: '3',
    PET_NODE_RANK: '2',
    PET_MASTER_ADDR: HEAD,
    PET_MASTER_PORT: '29500',
    PET_MAX_RESTARTS: '0',
    JAX_COORDINATOR_ADDRESS: `${HEAD}:29501`,
    JAX_NUM_PROCESSES: '3',
    JAX_PROCESS_ID: '2',
  };

  it('with one process in a member, which is a rank', () => {
    expect(training(1)).toEqual({
      ...always,
      CX_PROCS: '1',
      PET_NPROC_PER_NODE: '1',
      RANK: '2',
      WORLD_SIZE: '3',
      LOCAL_RANK: '0',
      LOCAL_WORLD_SIZE: '1',
    });
  });

  it('with four, which torchrun numbers', () => {
    expect(training(4)).toEqual({ ...always, CX_PROCS: '4', PET_NPROC_PER_NODE: '4' });
  });
});
