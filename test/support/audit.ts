import { open, stat } from 'node:fs/promises';

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
/** Every token has an identity of its own, so each process that was given one can be told apart. */
const TOKEN = 'authentication.kubernetes.io/credential-id';

/** The audit log from a moment on, seen for one user: the operator's service account. */
export class Audit {
  readonly #path: string;
  readonly #user: string;
  readonly #from: number;

  private constructor(path: string, user: string, from: number) {
    this.#path = path;
    this.#user = user;
    this.#from = from;
  }

  static async from(path: string, user: string): Promise<Audit> {
    return new Audit(path, user, (await stat(path)).size);
  }

  async #events(): Promise<AuditEvent[]> {
    const file = await open(this.#path);
    try {
      const events: AuditEvent[] = [];
      for await (const line of file.readLines({ start: this.#from })) {
        // The last line may still be being written; every other one is whole.
        if (line.includes(this.#user) && line.endsWith('}')) events.push(JSON.parse(line) as AuditEvent);
      }
      return events.filter(({ user }) => user.username === this.#user);
    } finally {
      await file.close();
    }
  }

  /** Every write of the operator since the beginning, elections and events apart. */
  async writes(): Promise<string[]> {
    const own = (await this.#events()).filter((event) => WRITES.includes(event.verb) && !isAside(event));
    return own.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  }

  /**
   * What breaks I6: a write of a process that was received after another process's election had been committed, or
   * before its own. Also calls that the operator's roles do not allow.
   */
  async violations(): Promise<string[]> {
    const events = await this.#events();
    const found = events.filter((e) => e.annotations?.['authorization.k8s.io/decision'] === 'forbid').map(forbidden);
    const elections = events
      .filter((e) => isElection(e) && (e.responseStatus?.code ?? 500) < 300)
      .map((e) => ({ at: e.stageTimestamp, who: tokenOf(e) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1));
    for (const event of events) {
      if (!WRITES.includes(event.verb) || event.objectRef?.resource === 'leases') continue;
      // A leader that was elected before the log was opened shows itself by its next renewal.
      const election = elections.findLast(({ at }) => at <= event.requestReceivedTimestamp) ?? elections[0];
      const leader = election?.who;
      if (leader !== tokenOf(event)) found.push(`I6: a process that did not lead wrote ${event.requestURI}`);
    }
    return found;
  }
}

const isElection = ({ verb, objectRef }: AuditEvent): boolean =>
  WRITES.includes(verb) && objectRef?.resource === 'leases';

const isAside = ({ objectRef }: AuditEvent): boolean =>
  objectRef?.resource === 'leases' || objectRef?.resource === 'events';

const tokenOf = ({ user }: AuditEvent): string => user.extra?.[TOKEN]?.[0] ?? '';

const forbidden = ({ verb, requestURI }: AuditEvent): string => `the operator's roles forbid ${verb} ${requestURI}`;
