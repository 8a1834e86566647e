import type { ObjectReference, Resource } from './resource.ts';
import type { KubeObject } from './types.ts';

/** `events.k8s.io/v1` Event. Everything but `series` is immutable. */
export type EventObject = KubeObject & {
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  action: string;
  reason: string;
  regarding: ObjectReference;
  related?: ObjectReference;
  note: string;
  type: 'Normal' | 'Warning';
  series?: { count: number; lastObservedTime: string };
};

export const EVENTS: Resource<EventObject> = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

const MAX_NOTE = 1024;

/** At most 1,024 bytes of UTF-8, no character cut in half, an ellipsis where something is missing. */
export function truncateNote(note: string): string {
  if (Buffer.byteLength(note) <= MAX_NOTE) return note;
  const room = MAX_NOTE - Buffer.byteLength('…');
  // A character cut in half decodes to U+FFFD, at the very end.
  const kept = new TextDecoder().decode(Buffer.from(note).subarray(0, room)).replace(/\uFFFD$/u, '');
  return `${kept}…`;
}

/** Unique among this process's events, and by the time among all; starts with the object's name, as kubectl's users expect. */
export function eventName(object: string, epoch: number, serial: number): string {
  const suffix = `.${Math.round(epoch).toString(16)}${(serial % 0x10000).toString(16).padStart(4, '0')}`;
  return `${object.slice(0, 253 - suffix.length)}${suffix}`;
}
