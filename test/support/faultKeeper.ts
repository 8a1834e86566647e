import type { Bed } from './bed.ts';
import type { OperatorProcess } from './operator.ts';

/** An operator that is started again when it ends by itself, as a kubelet does it: a leader that cannot renew its lease exits. */
export class Keeper {
  /** Exit codes with which it has ended by itself; null: a signal. Only 1, a lease that was lost, is no fault of its own. */
  readonly ends: (number | null)[] = [];
  readonly #bed: Bed;
  readonly #options: Parameters<Bed['start']>[0];
  #operator: OperatorProcess | undefined;
  #stopped = false;
  #watching: Promise<void> = Promise.resolve();

  private constructor(bed: Bed, options: Parameters<Bed['start']>[0]) {
    this.#bed = bed;
    this.#options = options;
  }

  /** Starts the operator and waits until it leads. */
  static async lead(bed: Bed, options: Parameters<Bed['start']>[0]): Promise<Keeper> {
    const keeper = await Keeper.start(bed, options);
    await keeper.operator.leading();
    return keeper;
  }

  static async start(bed: Bed, options: Parameters<Bed['start']>[0]): Promise<Keeper> {
    const keeper = new Keeper(bed, options);
    await keeper.#start();
    return keeper;
  }

  /** The process as it is now. */
  get operator(): OperatorProcess {
    if (this.#operator === undefined) throw new Error('the operator was not started');
    return this.#operator;
  }

  /** Ends it for good; it is not started again. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#stopped = true;
    await this.#operator?.signal(signal);
    await this.#watching;
  }

  async #start(): Promise<void> {
    const operator = await this.#bed.start(this.#options);
    this.#operator = operator;
    this.#watching = this.#follow(operator);
  }

  async #follow(operator: OperatorProcess): Promise<void> {
    const code = await operator.ended();
    if (this.#stopped) return;
    this.ends.push(code);
    await this.#start();
  }
}
