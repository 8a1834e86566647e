/** Follows the API server's audit log, which costs the API server nothing: when jobs were created, and pods bound. */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

type AuditEvent = {
  verb: string;
  objectRef?: { resource?: string; namespace?: string; name?: string; subresource?: string };
  responseStatus?: { code?: number };
  requestReceivedTimestamp: string;
  stageTimestamp: string;
};

const CHUNK = 1 << 20;
const PERIOD = 50;

export class Bindings {
  readonly #file: FileHandle;
  readonly #namespace: string;
  readonly #bound = new Set<string>();
  #at: number;
  #rest = '';
  #firstCreate = Number.POSITIVE_INFINITY;
  #lastBinding = Number.NEGATIVE_INFINITY;

  private constructor(file: FileHandle, at: number, namespace: string) {
    this.#file = file;
    this.#at = at;
    this.#namespace = namespace;
  }

  /** Of what is created and bound in `namespace` from now on. */
  static async of(auditLog: string, namespace: string): Promise<Bindings> {
    const file = await open(auditLog);
    return new Bindings(file, (await file.stat()).size, namespace);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  /** Pods that were bound so far. */
  get bound(): number {
    return this.#bound.size;
  }

  /**
   * Waits until `pods` pods are bound; seconds from when the first object was received to when the last binding was done.
   * Rejects after `limit` milliseconds, and with what `alive` throws.
   */
  async until(pods: number, limit: number, alive: () => void): Promise<number> {
    const end = performance.now() + limit;
    for (;;) {
      await this.#read();
      alive();
      if (this.bound >= pods) return (this.#lastBinding - this.#firstCreate) / 1000;
      if (performance.now() > end)
        throw new Error(`only ${this.bound} of ${pods} pods were bound in ${limit / 1000} s`);
      await sleep(PERIOD);
    }
  }

  async #read(): Promise<void> {
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, CHUNK, this.#at);
      if (bytesRead === 0) return;
      this.#at += bytesRead;
      // What is looked for is plain ASCII: a character cut in half stays in lines that nobody reads.
      const lines = (this.#rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      this.#rest = lines.pop() ?? '';
      // Most lines are others': parsing them all would take a share of the processors that are measured.
      for (const line of lines) if (line.includes('"verb":"create"')) this.#note(JSON.parse(line) as AuditEvent);
    }
  }

  #note({ verb, objectRef, responseStatus, requestReceivedTimestamp, stageTimestamp }: AuditEvent): void {
    if (verb !== 'create' || objectRef?.namespace !== this.#namespace || responseStatus?.code !== 201) return;
    this.#firstCreate = Math.min(this.#firstCreate, Date.parse(requestReceivedTimestamp));
    if (objectRef.resource !== 'pods' || objectRef.subresource !== 'binding') return;
    this.#bound.add(objectRef.name ?? '');
    this.#lastBinding = Math.max(this.#lastBinding, Date.parse(stageTimestamp));
  }
}
