/** A saved plan, or a change asked of it, that cannot be used; the message is one line that names what, and the remedy. */
export class SnapshotError extends Error {}
