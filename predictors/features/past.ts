/**
 * The history as it stands: told of submissions, starts and ends in the order of time, it holds a bounded summary of
 * every user, program and pool. Nothing in it depends on what comes later.
 */
import type { Asked, Run } from '../run.ts';
import { Account, type SavedAccount } from './account.ts';
import { Bounded } from './bounded.ts';
import { Door } from './door.ts';
import { hashOf } from './hash.ts';
import { type Kept, Recent, type SavedRecent } from './recent.ts';
import { type SavedSized, type Sized, SizedPrograms } from './sizes/sized.ts';

const MOST_USERS = 20_000;
const MOST_PROGRAMS = 20_000;
const MOST_POOLS = 1000;
const PROGRAM_MEMORY = 60;
const POOL_MEMORY = 240;

/** Of what all users share, one user has at most this part. */
const SHARE = 1 / 8;

/** Whoever is not named: all of them are one user. */
export const NOBODY = '';

const userOf = ({ user }: Asked): string => user ?? NOBODY;

/** The program of a job as a number: its image and its command; 0: unknown. */
export function programOf({ image, command }: Asked): number {
  if (image === undefined && command.length === 0) return 0;
  let hash = hashOf(image ?? '');
  for (const word of command) hash = hashOf(`\u0000${word}`, hash);
  return hash || 1;
}

const poolOf = ({ pool, queue }: Asked): string => pool ?? queue;

export const logOf = (value: number | undefined): number => (value === undefined || value <= 0 ? 0 : Math.log(value));

export type SavedPast = {
  readonly users: readonly (readonly [string, SavedAccount])[];
  readonly programs: readonly (readonly [number, SavedRecent])[];
  readonly pools: readonly (readonly [string, SavedRecent])[];
  readonly all: SavedRecent;
  readonly sized: SavedSized;
};

export class Past {
  readonly door = new Door();
  readonly #users = new Bounded<string, Account>(MOST_USERS);
  readonly #programs = new Bounded<number, Recent>(MOST_PROGRAMS);
  readonly #pools = new Bounded<string, Recent>(MOST_POOLS);
  readonly #sized = new SizedPrograms();
  all = new Recent(POOL_MEMORY);

  account(asked: Asked): Account | undefined {
    return this.#users.get(userOf(asked));
  }

  /** The last runs of the program by anybody. */
  program(asked: Asked): Recent | undefined {
    return this.#programs.get(programOf(asked));
  }

  /** The last runs in the pool or queue. */
  pool(asked: Asked): Recent | undefined {
    return this.#pools.get(poolOf(asked));
  }

  /** What runs of the program say of the sizes asked for. */
  sized(asked: Asked): Sized | undefined {
    return this.#sized.of(asked, userOf(asked));
  }

  submitted(raw: Asked): void {
    const asked = this.door.admit(raw);
    const { submittedAt, limit, ranks } = asked;
    const job = { submittedAt, limit: logOf(limit), ranks: logOf(ranks), program: programOf(asked) };
    this.#user(asked).submitted(asked.uid, job);
  }

  started(raw: Asked, at: number): void {
    const open = this.#user(this.door.admit(raw)).open.get(raw.uid);
    if (open) open.startedAt = this.door.time('startedAt', at);
  }

  /** A run that was cut off says nothing of how long such jobs take; only that it is over. One at its limit does. */
  ended(run: Run): void {
    const asked = this.door.admit(run);
    const account = this.#user(asked);
    account.open.delete(asked.uid);
    const endedAt = this.door.time('endedAt', run.endedAt);
    account.lastEnd = endedAt;
    if (run.censored && run.outcome !== 'timeLimit') return;
    const program = programOf(asked);
    const kept: Kept = {
      log: Math.log(Math.max(1, this.door.length('run', run.endedAt - run.startedAt))),
      limit: logOf(asked.limit),
      ranks: logOf(asked.ranks),
      program,
      user: hashOf(userOf(asked)),
      endedAt,
      failed: run.outcome === 'failed',
    };
    account.recent.add(kept);
    // Those without a name cannot be told apart, so they are not held to a part.
    const share = userOf(asked) === NOBODY ? 1 : SHARE;
    if (program !== 0) {
      this.#programs.touch(program, () => new Recent(PROGRAM_MEMORY)).addShared(kept, share * PROGRAM_MEMORY);
    }
    this.#pools.touch(poolOf(asked), () => new Recent(POOL_MEMORY)).addShared(kept, share * POOL_MEMORY);
    this.all.addShared(kept, share * POOL_MEMORY);
    this.#sized.ended(asked, userOf(asked), { log: kept.log, censored: run.censored }, share === 1);
  }

  /** As plain data, and back. */
  save(): SavedPast {
    return {
      users: this.#users.save((account) => account.save()),
      programs: this.#programs.save((ring) => ring.save()),
      pools: this.#pools.save((ring) => ring.save()),
      all: this.all.save(),
      sized: this.#sized.save(),
    };
  }

  static load({ users, programs, pools, all, sized }: SavedPast): Past {
    const past = new Past();
    past.#users.load(users, (account) => Account.load(account));
    past.#programs.load(programs, (ring) => Recent.load(PROGRAM_MEMORY, ring));
    past.#pools.load(pools, (ring) => Recent.load(POOL_MEMORY, ring));
    past.all = Recent.load(POOL_MEMORY, all);
    past.#sized.load(sized);
    return past;
  }

  #user(asked: Asked): Account {
    return this.#users.touch(userOf(asked), () => new Account());
  }
}
