import { open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** One finished request, of the audit log's level Metadata. */
type AuditEvent = {
  verb: string;
  userAgent?: string;
  user: { username: string; extra?: Record<string, string[]> };
  objectRef?: { resource?: string; namespace?: string; name?: string; subresource?: string };
  responseStatus?: { code?: number };
  annotations?: Record<string, string>;
  requestReceivedTimestamp: string;
  stageTimestamp: string;
  requestURI: string;
};

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];
/** Milliseconds in which every leader renews its lease. */
const RENEWS = 15_000;
/** Every token has an identity of its own, so each process that was given one can be told apart. */
const TOKEN = 'authentication.kubernetes.io/credential-id';

/** The audit log from a moment on, seen for one user: the operator's service account. */
export class Audit {
  readonly #path: string;
  readonly #user: string;
  /** Up to where the log has been read; what was found there. */
  #position: number;
  readonly #found: AuditEvent[] = [];
  #reading: Promise<void> = Promise.resolve();

  private constructor(path: string, user: string, from: number) {
    this.#path = path;
    this.#user = user;
    this.#position = from;
  }

  static async from(path: string, user: string): Promise<Audit> {
    return new Audit(path, user, (await stat(path)).size);
  }

  /** All events so far. Each line is read once, however often and by however many at a time this is asked. */
  async #events(): Promise<readonly AuditEvent[]> {
    this.#reading = this.#reading.then(async () => await this.#read());
    await this.#reading;
    return this.#found;
  }

  async #read(): Promise<void> {
    const file = await open(this.#path);
    try {
      const { size } = await file.stat();
      if (size === this.#position) return;
      const { buffer } = await file.read({ buffer: Buffer.alloc(size - this.#position), position: this.#position });
      // The last line may still be being written; every other one is whole.
      const whole = buffer.subarray(0, buffer.lastIndexOf('\n') + 1);
      this.#position += whole.length;
      for (const line of whole.toString().split('\n')) {
        if (!line.includes(this.#user)) continue;
        const event = JSON.parse(line) as AuditEvent;
        if (event.user.username === this.#user) this.#found.push(event);
      }
    } finally {
      await file.close();
    }
  }

  /** Every write of the operator since the beginning, elections and events apart. */
  async writes(): Promise<string[]> {
    const own = (await this.#events()).filter((event) => WRITES.includes(event.verb) && !isAside(event));
    return own.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  }

  /** The events, once one of them says who leads: whoever was elected before the log was opened says so when it renews. */
  async #judged(): Promise<readonly AuditEvent[]> {
    const end = performance.now() + RENEWS;
    for (;;) {
      const events = await this.#events();
      if (events.some(isElection) || !events.some(isLed) || performance.now() > end) return events;
      await delay(100);
    }
  }

  /**
   * What breaks I6: a write of a process that was received after another process's election had been committed, or
   * before its own. Also calls that the operator's roles do not allow.
   */
  async violations(): Promise<string[]> {
    const events = await this.#judged();
    const found = events.filter((e) => e.annotations?.['authorization.k8s.io/decision'] === 'forbid').map(forbidden);
    const elections = events
      .filter(isElection)
      .map((e) => ({ at: e.stageTimestamp, who: tokenOf(e) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    for (const event of events.filter(isLed)) {
      const election = elections.findLast(({ at }) => at <= event.requestReceivedTimestamp) ?? elections[0];
      const leader = election?.who;
      if (leader !== tokenOf(event)) found.push(`I6: a process that did not lead wrote ${event.requestURI}`);
    }
    return found;
  }
}

/** A lease that was taken or renewed. */
const isElection = ({ verb, objectRef, responseStatus }: AuditEvent): boolean =>
  WRITES.includes(verb) && objectRef?.resource === 'leases' && (responseStatus?.code ?? 500) < 300;

/** A write that is the leader's alone. */
const isLed = ({ verb, objectRef }: AuditEvent): boolean => WRITES.includes(verb) && objectRef?.resource !== 'leases';

const isAside = ({ objectRef }: AuditEvent): boolean =>
  objectRef?.resource === 'leases' || objectRef?.resource === 'events';

const tokenOf = ({ user }: AuditEvent): string => user.extra?.[TOKEN]?.[0] ?? '';

const forbidden = ({ verb, requestURI }: AuditEvent): string => `the operator's roles forbid ${verb} ${requestURI}`;
